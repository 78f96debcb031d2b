internal import BusService
internal import MartletKit

@main enum BusMain {
    static func main() async { await BusApp.main() }
}
