internal import PowerCutVFS

/// A disk as it may be found when the power is back.
package final class DiskImage: @unchecked Sendable {
    // @unchecked: never changed once it is made.

    /// What became of the changes that were not synced.
    package enum Unsynced: Sendable, Hashable, CustomStringConvertible {
        case dropped
        /// As if the process had died, and not the machine.
        case kept
        /// Some were kept, in part.
        case torn(seed: UInt64)

        package var description: String {
            switch self {
            case .dropped: "unsynced changes dropped"
            case .kept: "unsynced changes kept"
            case .torn(let seed): "unsynced changes torn with seed \(seed)"
            }
        }
    }

    let handle: OpaquePointer

    package init(_ disk: SimulatedDisk, _ unsynced: Unsynced) {
        handle =
            switch unsynced {
            case .dropped: powercut_disk_image(disk.handle, powercut_dropped, 0)
            case .kept: powercut_disk_image(disk.handle, powercut_kept, 0)
            case .torn(let seed): powercut_disk_image(disk.handle, powercut_torn, seed)
            }
    }

    deinit { powercut_image_free(handle) }
}
