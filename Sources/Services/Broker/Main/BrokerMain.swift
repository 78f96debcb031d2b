internal import BrokerService
internal import MartletKit

@main enum BrokerMain {
    static func main() async { await BrokerApp.main() }
}
