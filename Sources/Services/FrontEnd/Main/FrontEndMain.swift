internal import FrontEndService
internal import MartletKit

@main enum FrontEndMain {
    static func main() async { await FrontEndApp.main() }
}
