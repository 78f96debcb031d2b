import MartletHTTP
import MartletKit
import Testing

@Suite("The session's cookie")
struct SessionCookieTests {
    @Test(
        "is found among others, whatever stands around it",
        arguments: [
            ("martlet_session=abc", "abc"), ("a=b; martlet_session=abc; c=d", "abc"),
            ("a=b;martlet_session=abc", "abc"), ("martlet_session=a=b", "a=b"), ("martlet_session=", ""),
            ("martlet_session=1; martlet_session=2", "1"),
        ])
    func found(header: String, value: String) {
        #expect(SessionCookie.value(in: ["Cookie": header]) == value)
    }

    @Test(
        "is not found where it is not",
        arguments: ["", "martlet_session", "xmartlet_session=a", "MARTLET_SESSION=a", "a=martlet_session=b", ";;="])
    func missing(header: String) {
        #expect(SessionCookie.value(in: ["Cookie": header]) == nil)
        #expect(SessionCookie.value(in: [:]) == nil)
    }
}
