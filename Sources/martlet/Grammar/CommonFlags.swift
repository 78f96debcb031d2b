internal import MartletCore
internal import MartletKit

/// Flags that several commands have.
enum CommonFlags {
    static let dataFolderName = StandardKeys.dataFolder.flag ?? "data-dir"

    /// Which system is meant. Without the flag, `DATA_DIR` says it, and `.martlet` is the default.
    static let dataFolder: any AnyFlag = DataFolderFlag()

    static let json = Flag.on("json", "Prints JSON, for programs.")

    private struct DataFolderFlag: AnyFlag {
        let name = CommonFlags.dataFolderName
        let letter: Character? = nil
        let placeholder: String? = "FOLDER"
        let help = "The data folder of the system that is meant (DATA_DIR; .martlet by default)."
        let isRepeatable = false
        let choices: [String] = []
        let namesFolder = true
        let allowed = StandardKeys.dataFolder.type.allowed
        func accepts(_ text: String) -> Bool { StandardKeys.dataFolder.type.parse(text) != nil }
    }
}

extension Flag<Bool> {
    fileprivate static func on(_ name: String, _ help: String) -> Self { .on(name, nil, help) }
}
