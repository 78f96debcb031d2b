internal import ListenerService
internal import MartletKit

@main enum ListenerMain {
    static func main() async { await ListenerApp.main() }
}
