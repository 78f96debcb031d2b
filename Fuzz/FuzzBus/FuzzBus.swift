// Reads any bytes as what a client and the owner of the bus say to each other, and as a stored message, and stops when
// one of these does not hold:
// - nothing traps, and no number in the input makes memory of its size;
// - what is read, and written again, reads as the same;
// - a stream gives the same frames, or the same error, in one piece and cut in two at any place.
import MartletEmbeddedBus

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzBus(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    let whole = BusProtocolProbe.read(input, endings: [input.count])
    // Where to cut is the input's own choice, so that it can be learned.
    let cut = input.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xffff } % (input.count + 1)
    precondition(BusProtocolProbe.read(input, endings: [cut, input.count]) == whole, "cut at \(cut): not \(whole)")
    BusProtocolProbe.checkMessage(input)
    return 0
}
