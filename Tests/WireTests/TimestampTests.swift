import MartletWire
import Testing

@Suite("Timestamps")
struct TimestampTests {
    @Test(
        "RFC 3339 as Go writes it",
        arguments: [
            (0, 0, "1970-01-01T00:00:00Z"), (1_647_216_000, 0, "2022-03-14T00:00:00Z"),
            (1_647_216_000, 120_000_000, "2022-03-14T00:00:00.12Z"), (1, 1, "1970-01-01T00:00:01.000000001Z"),
            (-1, 999_999_999, "1969-12-31T23:59:59.999999999Z"), (951_782_400, 0, "2000-02-29T00:00:00Z"),
            (-2_203_891_200, 0, "1900-03-01T00:00:00Z"), (-62_135_596_800, 0, "0001-01-01T00:00:00Z"),
            (-62_167_219_200, 0, "0000-01-01T00:00:00Z"),
            (253_402_300_799, 999_999_999, "9999-12-31T23:59:59.999999999Z"),
        ] as [(Int64, Int32, String)])
    func text(seconds: Int64, nanoseconds: Int32, text: String) {
        let time = Timestamp(seconds: seconds, nanoseconds: nanoseconds)
        #expect(time.description == text)
        #expect(Timestamp(text) == time)
        #expect(written(time) == "\"\(text)\"")
    }

    @Test("offsets are applied, digits below a nanosecond are cut")
    func offsets() {
        #expect(Timestamp("2022-03-14T01:30:00+01:30")?.description == "2022-03-14T00:00:00Z")
        #expect(Timestamp("2022-03-13T19:00:00.5-05:00")?.description == "2022-03-14T00:00:00.5Z")
        #expect(Timestamp("1970-01-01T00:00:00.1234567899Z")?.nanoseconds == 123_456_789)
    }

    @Test(
        "what is not a time is refused",
        arguments: [
            "", "2022-03-14", "2022-03-14T00:00:00", "2022-03-14 00:00:00Z", "2022-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z", "2022-13-01T00:00:00Z", "2022-00-01T00:00:00Z", "2022-04-31T00:00:00Z",
            "2022-03-14T24:00:00Z", "2022-03-14T00:60:00Z", "2022-03-14T00:00:60Z", "2022-03-14T00:00:00.Z",
            "2022-03-14T00:00:00z", "2022-03-14T00:00:00Zx", "2022-03-14T00:00:00+0100", "2022-03-14T00:00:00+24:00",
            "+022-03-14T00:00:00Z", "22-03-14T00:00:00Z",
        ])
    func refused(text: String) {
        #expect(Timestamp(text) == nil)
        #expect(failure(Timestamp.self, "\"\(text)\"")?.kind == .mismatch)
    }

    @Test("the date arithmetic agrees with a calendar counted day by day")
    func everyDay() {
        var (year, month, day) = (1896, 1, 1)
        for number in -27_028...20_000 {
            func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
            let text = "\(year)-\(two(month))-\(two(day))T00:00:00Z"
            let time = Timestamp(seconds: Int64(number) * 86_400)
            guard time.description == text, Timestamp(text) == time else {
                Issue.record("day \(number) is \(text), not \(time)")
                return
            }
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let length = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
            day += 1
            if day > length { (day, month) = (1, month + 1) }
            if month > 12 { (month, year) = (1, year + 1) }
        }
    }

    @Test("fractions carry into the seconds, and times stay within what RFC 3339 can say")
    func normalization() {
        #expect(Timestamp(seconds: 1, nanoseconds: -1) == Timestamp(seconds: 0, nanoseconds: 999_999_999))
        #expect(Timestamp(seconds: 0, nanoseconds: .max) == Timestamp(seconds: 2, nanoseconds: 147_483_647))
        #expect(Timestamp(seconds: 0, nanoseconds: .min) == Timestamp(seconds: -3, nanoseconds: 852_516_352))
        #expect(Timestamp(seconds: .max, nanoseconds: .max).description == "9999-12-31T23:59:59.999999999Z")
        #expect(Timestamp(seconds: .min, nanoseconds: .min).description == "0000-01-01T00:00:00Z")
        #expect(Timestamp(seconds: 1) < Timestamp(seconds: 1, nanoseconds: 1))
        #expect(Timestamp.now > Timestamp(seconds: 1_700_000_000))
        #expect(Timestamp.goZero.description == "0001-01-01T00:00:00Z")
    }
}
