internal import LoggerService
internal import MartletKit

@main enum LoggerMain {
    static func main() async { await LoggerApp.main() }
}
