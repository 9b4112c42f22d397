import Glibc

/// What a process was about to do and what it was told is done, in the order of time: one line each, in a file that
/// survives the process, though not the machine.
struct Journal: Sendable {
    private let descriptor: Int32

    init(appendingTo path: String) throws {
        descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure("\(path) can't be opened") }
    }

    func append(_ line: JournalLine) throws {
        var text = line.text + "\n"
        let isWritten = text.withUTF8 { unsafe write(descriptor, $0.baseAddress, $0.count) == $0.count }
        guard isWritten else { throw Failure("the journal can't be written") }
    }
}

/// A run that is settled or a credit that is given, before (`begun`) and after.
struct JournalLine {
    enum Kind: String {
        case run
        case credit
    }

    let isDone: Bool
    let kind: Kind
    let reference: String
    /// Nano-dollars of a run, cents of a credit.
    let amount: Int64

    init(isDone: Bool, _ kind: Kind, _ reference: String, _ amount: Int64) {
        self.isDone = isDone
        self.kind = kind
        self.reference = reference
        self.amount = amount
    }

    var text: String { "\(isDone ? "done" : "begun") \(kind.rawValue) \(amount) \(reference)" }

    init?(_ text: Substring) {
        let fields = text.split(separator: " ", maxSplits: 3)
        guard fields.count == 4, let kind = Kind(rawValue: String(fields[1])), let amount = Int64(fields[2]) else {
            return nil
        }
        self.init(isDone: fields[0] == "done", kind, String(fields[3]), amount)
    }
}

/// Everything that was begun and everything that was acknowledged, by reference.
struct JournalRecord {
    private(set) var begun: [JournalLine.Kind: [String: Int64]] = [.run: [:], .credit: [:]]
    private(set) var done: [JournalLine.Kind: [String: Int64]] = [.run: [:], .credit: [:]]

    init(reading paths: [String]) throws {
        for path in paths {
            guard let file = unsafe fopen(path, "r") else { throw Failure("\(path) can't be opened") }
            defer { unsafe fclose(file) }
            var buffer: UnsafeMutablePointer<CChar>?
            var capacity = 0
            defer { unsafe free(buffer) }
            while true {
                let count = unsafe getline(&buffer, &capacity, file)
                guard count > 0, let start = unsafe buffer else { break }
                let bytes = unsafe UnsafeRawBufferPointer(start: start, count: count)
                let text = unsafe String(decoding: bytes, as: UTF8.self)
                // A kill can cut the last line short; its writer had not gone on from there.
                guard text.hasSuffix("\n") else { break }
                try add(text.dropLast())
            }
        }
    }

    private mutating func add(_ text: Substring) throws {
        guard let line = JournalLine(text) else { throw Failure("the journal has a line \"\(text)\"") }
        if line.isDone {
            done[line.kind]?[line.reference] = line.amount
        } else {
            begun[line.kind]?[line.reference] = line.amount
        }
    }
}
