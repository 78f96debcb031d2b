// Proves that a store keeps its word through power cuts: what it answered is there afterwards, exactly once.
//
//     let report = try await PowerCut.everyCut { disk, ledger in
//         try await disk.withDatabase { database in                        // SQLite, on a disk that forgets
//             let store = try await Store(database)
//             try await ledger.add("a") { try await store.append("a") }    // answered, if the body returns
//             try await ledger.remove(["a"]) { try await store.forget("a") }
//         }
//     } audit: { disk in
//         try await disk.withDatabase { try await Store($0).keys() }       // what is there
//     }
//     #expect(report.answers > 0)
//     #expect(report.problems.isEmpty)
//
// The workload runs once with no cut, to count the disk's changes (every write, truncation, sync, new and deleted name);
// then again for each cut, on an empty disk whose power goes with the change of that number. From then on everything
// fails. What the disk might look like when the power is back is audited several times for each cut: with nothing kept
// that was not synced, with all of it, with seeded parts of it torn at sectors, and (of every third cut) after a second
// one while the store was starting again. An audit opens the store as its service does, and says which keys are there; they are held
// against the ledger, and every database file must pass SQLite's integrity check.
//
// A workload may use many tasks: no two of its runs need to be alike. What it is not: a test of the machine's real
// disk, or of what the program does with other files than SQLite's.

/// The proof, as one function.
package enum PowerCut {
    /// How much is tried. The defaults suit a workload of some hundred changes.
    package struct Effort: Sendable {
        /// Cuts at most, spread evenly over the workload's changes.
        package var cuts = 100
        /// Torn images of each cut.
        package var tornImages = 2
        /// Whether after every third cut the power is cut once more, while the store starts again.
        package var cutsTwice = true

        package init(cuts: Int = 100, tornImages: Int = 2, cutsTwice: Bool = true) {
            self.cuts = cuts
            self.tornImages = tornImages
            self.cutsTwice = cutsTwice
        }
    }

    /// Tries the cuts, and reports what was found. Failures of the workload and the audit after a cut are findings or
    /// of no account; one that comes while there is power is thrown.
    ///
    /// - Parameters:
    ///   - prepare: what is done to every new disk, as making it lie about syncs.
    ///   - workload: does what its service does, and tells the ledger. It must end when everything fails.
    ///   - audit: opens the store and gives the key of everything that is in it, as often as it is there.
    package static func everyCut(
        _ effort: Effort = Effort(),
        prepare: (SimulatedDisk) -> Void = { _ in },
        of workload: (SimulatedDisk, Ledger) async throws -> Void,
        audit: (SimulatedDisk) async throws -> [String]
    ) async throws -> PowerCutReport {
        var report = PowerCutReport()
        let rehearsal = SimulatedDisk()
        prepare(rehearsal)
        try await workload(rehearsal, Ledger())
        report.steps = rehearsal.steps
        let cuts = min(effort.cuts, report.steps)
        for cut in 0..<cuts {
            let disk = SimulatedDisk()
            prepare(disk)
            let ledger = Ledger()
            disk.cutPower(atStep: 1 + cut * report.steps / cuts)
            do {
                try await workload(disk, ledger)
            } catch {
                guard disk.isOff else { throw error }
            }
            // A run may be shorter than the first was.
            disk.cutPower()
            report.cuts += 1
            report.answers += ledger.answers
            for fate in fates(effort, cut: cut) {
                report.images += 1
                let problems = await problems(DiskImage(disk, fate.unsynced), ledger, fate.secondCut, audit)
                report.problems += problems.map {
                    PowerCutReport.Problem(kind: $0.kind, text: "\($0.text) (\(disk.lastStep); \(fate))")
                }
            }
        }
        return report
    }

    /// What becomes of the disk after the first cut, and when the second comes.
    private struct Fate: CustomStringConvertible {
        var unsynced: DiskImage.Unsynced
        var secondCut: Int?

        var description: String { secondCut.map { "\(unsynced), cut again at its change \($0)" } ?? "\(unsynced)" }
    }

    private static func fates(_ effort: Effort, cut: Int) -> [Fate] {
        let seed = UInt64(truncatingIfNeeded: cut) << 8
        var fates = [Fate(unsynced: .dropped), Fate(unsynced: .kept)]
        for image in 0..<max(0, effort.tornImages) {
            fates.append(Fate(unsynced: .torn(seed: seed + UInt64(image))))
        }
        if effort.cutsTwice, cut % 3 == 0 {
            fates.append(Fate(unsynced: .torn(seed: seed + 255), secondCut: 1 + cut / 3 % 12))
        }
        return fates
    }

    private static func problems(
        _ image: DiskImage, _ ledger: Ledger, _ secondCut: Int?, _ audit: (SimulatedDisk) async throws -> [String]
    ) async -> [Ledger.Problem] {
        var image = image
        if let secondCut {
            let disk = SimulatedDisk(image)
            disk.cutPower(atStep: secondCut)
            // It fails when the cut comes in its way; what it finds is of interest with the power on.
            _ = try? await audit(disk)
            disk.cutPower()
            image = DiskImage(disk, .torn(seed: UInt64(truncatingIfNeeded: secondCut)))
        }
        let disk = SimulatedDisk(image)
        do {
            let found = try await audit(disk)
            return ledger.problems(found: found)
                + disk.integrityProblems().map { Ledger.Problem(kind: .damaged, text: $0) }
        } catch {
            return [Ledger.Problem(kind: .unreadable, text: "\(error)")]
        }
    }
}
