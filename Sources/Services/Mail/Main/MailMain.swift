internal import MailService
internal import MartletKit

@main enum MailMain {
    static func main() async { await MailApp.main() }
}
