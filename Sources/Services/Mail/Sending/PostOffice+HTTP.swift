internal import MartletHTTP
internal import MartletKit

extension PostOffice {
    /// `POST /send` as the original has it (contracts, course A.6).
    func mount(on router: inout Router) {
        router.on(
            .post, "/send", access: .original,
            sendMail.json { .json(.accepted, PlainEnvelope(message: "Sent to \($0.to)")) })
    }
}
