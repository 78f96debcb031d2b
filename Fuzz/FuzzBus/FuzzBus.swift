// Reads any bytes as what a client and the owner of the bus say to each other, and as a stored message, and stops when
// something does not hold that BusProtocolCheck.run says.
import BusProtocolChecks

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzBus(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    // Where to cut is the input's own choice, so that it can be learned.
    let cut = input.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xffff } % (input.count + 1)
    do {
        try BusProtocolCheck.run(input, cut: cut)
    } catch {
        fatalError("\(error)")
    }
    return 0
}
