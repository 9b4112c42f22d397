import Checksum

/// A sorted table of fixed-width records inside a block file, read a page at a time.
///
/// Keys come first in a record and compare as bytes. The first key of every page is held in memory, so a look-up reads
/// one page; every page ends with its checksum.
struct PagedTable: Sendable {
    struct Layout: Equatable {
        let keySize: Int
        let recordSize: Int
    }

    static let recordsPerPage = 128

    let layout: Layout
    /// Where the first page begins in the file.
    let offset: Int
    let count: Int
    /// The first key of each page, one after the other.
    let fences: [UInt8]

    var pageCount: Int { (count + Self.recordsPerPage - 1) / Self.recordsPerPage }

    /// One page, checked, with the number of its first record.
    struct Page {
        let firstRecord: Int
        let bytes: [UInt8]
    }

    func page(_ number: Int, of file: borrowing File) throws -> Page {
        let records = min(Self.recordsPerPage, count - number * Self.recordsPerPage)
        let size = records * layout.recordSize
        let position = offset + number * (Self.recordsPerPage * layout.recordSize + 4)
        var bytes = try file.read(at: position, count: size + 4)
        var reader = ByteReader(bytes, at: size)
        guard bytes.count == size + 4, let checksum = reader.read(UInt32.self),
            unsafe CRC32C.checksum(bytes.span.bytes.extracting(0..<size)) == checksum
        else { throw BlockDamage(what: "index page \(number) at offset \(position)") }
        bytes.removeLast(4)
        return Page(firstRecord: number * Self.recordsPerPage, bytes: bytes)
    }

    /// The number of the first record whose key is not below `key`; `count` when all are.
    func lowerBound(_ key: [UInt8], in file: borrowing File) throws -> Int {
        let pageNumber = lastPage(startingAtOrBelow: key)
        guard let pageNumber else { return 0 }
        let page = try page(pageNumber, of: file)
        var low = 0
        var high = page.bytes.count / layout.recordSize
        while low < high {
            let middle = (low + high) / 2
            let start = middle * layout.recordSize
            if page.bytes[start..<(start + layout.keySize)].lexicographicallyPrecedes(key) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return page.firstRecord + low
    }

    private func lastPage(startingAtOrBelow key: [UInt8]) -> Int? {
        var low = 0
        var high = pageCount
        while low < high {
            let middle = (low + high) / 2
            let start = middle * layout.keySize
            if key.lexicographicallyPrecedes(fences[start..<(start + layout.keySize)]) {
                high = middle
            } else {
                low = middle + 1
            }
        }
        return low == 0 ? nil : low - 1
    }
}

/// A walk over a table's records in order, which holds one page.
struct PagedTableCursor {
    let table: PagedTable
    private(set) var position: Int
    private var page: PagedTable.Page?

    init(_ table: PagedTable, at position: Int) {
        self.table = table
        self.position = position
    }

    /// The record at the cursor, which moves on; `nil` at the end.
    mutating func next(in file: borrowing File) throws -> ArraySlice<UInt8>? {
        guard position < table.count else { return nil }
        let number = position / PagedTable.recordsPerPage
        let held: PagedTable.Page
        if let page, page.firstRecord == number * PagedTable.recordsPerPage {
            held = page
        } else {
            held = try table.page(number, of: file)
            page = held
        }
        let start = (position - held.firstRecord) * table.layout.recordSize
        position += 1
        return held.bytes[start..<(start + table.layout.recordSize)]
    }
}

/// Builds a table's bytes from records given in key order.
struct PagedTableBuilder {
    let layout: PagedTable.Layout
    private(set) var count = 0
    private(set) var fences: [UInt8] = []
    private(set) var bytes: [UInt8] = []
    private var page: [UInt8] = []

    init(_ layout: PagedTable.Layout) {
        self.layout = layout
    }

    mutating func append(_ record: [UInt8]) {
        precondition(record.count == layout.recordSize)
        if page.isEmpty { fences.append(contentsOf: record[0..<layout.keySize]) }
        page.append(contentsOf: record)
        count += 1
        if count % PagedTable.recordsPerPage == 0 { endPage() }
    }

    /// Call once, behind the last record.
    mutating func finish() {
        if !page.isEmpty { endPage() }
    }

    private mutating func endPage() {
        let checksum = unsafe CRC32C.checksum(page.span.bytes)
        bytes.append(contentsOf: page)
        bytes.append(littleEndian: checksum)
        page.removeAll(keepingCapacity: true)
    }
}

/// Part of a block that fails its checksum or can't be understood.
struct BlockDamage: Error {
    let what: String
}
