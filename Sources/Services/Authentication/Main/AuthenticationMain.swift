internal import AuthenticationService
internal import MartletKit

@main enum AuthenticationMain {
    static func main() async { await AuthenticationApp.main() }
}
