import AuditLog
import Database
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import OTLP
import TraceStore

/// Whether the server lives, whether it can take work, and what it counts.
struct HealthRoutes {
    let store: any SpanStore
    let database: Database
    let audit: AuditLog
    let budget: IngestBudget
    let metrics: ServerMetrics
    let internalToken: InternalToken
    /// Adds what other parts of the server count.
    let writeMetrics: @Sendable (inout PrometheusText) -> Void
    let startedAt = Date()

    var endpoints: [Endpoint] {
        [
            Endpoint(.get, "/health", access: .everyone, act: health),
            Endpoint(.get, "/health/ready", access: .everyone, act: ready),
        ]
    }

    /// Apart, because it may have a listener of its own, where whoever reaches it may read it.
    func metricsEndpoint(access: Endpoint.Access) -> Endpoint {
        Endpoint(.get, "/metrics", access: access, act: metricsText)
    }

    /// A part of the server and what is wrong with it.
    private struct Check {
        enum Status: String {
            case ok, degraded, failing
        }

        var name: String
        var status: Status
        var messages: [String] = []
    }

    /// 200 while the process lives; `status` tells how well.
    @Sendable
    private func health(_ request: APIRequest) async throws -> Response {
        let checks = await checks()
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("status")
        writer.string(Self.worst(of: checks).rawValue)
        writer.key("version")
        writer.string(Version.current)
        writer.key("uptime_s")
        writer.integer(Int(Date().timeIntervalSince(startedAt)))
        if internalToken.isPresented(by: request.headers) {
            writer.key("checks")
            writer.beginObject()
            for check in checks { writer.check(check.name, check.status.rawValue, check.messages) }
            writer.endObject()
        }
        writer.endObject()
        return Response(json: writer)
    }

    /// 503 while spans would be refused or keys can't be checked.
    @Sendable
    private func ready(_ request: APIRequest) async throws -> Response {
        guard Self.worst(of: await checks()) != .failing else {
            throw APIError.unavailable("not ready")
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("status")
        writer.string("ready")
        writer.endObject()
        return Response(json: writer)
    }

    private func checks() async -> [Check] {
        let statistics = store.statistics()
        var spans = Check(name: "span_store", status: .ok, messages: statistics.damage)
        if !statistics.damage.isEmpty { spans.status = .degraded }
        if let failure = statistics.failure {
            spans.status = .failing
            spans.messages.append(failure.message)
        }
        var accounts = Check(name: "database", status: .ok)
        do {
            _ = try await database.query("SELECT 1 AS one")
        } catch {
            accounts.status = .failing
            accounts.messages = [error.message]
        }
        var log = Check(name: "audit_log", status: .ok)
        log.messages = audit.inconsistencies
        // Spans are still taken, and all that is stored can be read.
        if !log.messages.isEmpty { log.status = .degraded }
        return [spans, accounts, log]
    }

    private static func worst(of checks: [Check]) -> Check.Status {
        if checks.contains(where: { $0.status == .failing }) { return .failing }
        return checks.contains { $0.status == .degraded } ? .degraded : .ok
    }

    @Sendable
    private func metricsText(_ request: APIRequest) async throws -> Response {
        var text = PrometheusText()
        text.ingest(store.statistics().commits, metrics, budget)
        text.spanStore(store.statistics())
        writeMetrics(&text)
        text.gauge(
            "batchin_audit_checkpointed_leaves", "Leaves of the audit log under its last checkpoint.",
            Int(clamping: audit.checkpointedLeafCount))
        text.gauge(
            "batchin_audit_findings", "What is known to be wrong with the audit log.", audit.inconsistencies.count)
        text.process(ProcessUsage.current(), startedAt: startedAt)
        text.counter("batchin_http_requests_total", "Answered requests.", samples: metrics.requests.values)
        return Response(
            status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text.text)))
    }
}

extension JSONWriter {
    fileprivate mutating func check(_ name: String, _ status: String, _ messages: [String]) {
        key(name)
        beginObject()
        key("status")
        string(status)
        key("messages")
        beginArray()
        for message in messages { string(message) }
        endArray()
        endObject()
    }
}

extension PrometheusText {
    fileprivate mutating func ingest(_ commits: CommitStatistics, _ metrics: ServerMetrics, _ budget: IngestBudget) {
        counter("batchin_ingest_spans_total", "Spans made durable.", commits.spans)
        counter("batchin_ingest_bytes_total", "Bytes of requests made durable, after decompression.", commits.bytes)
        counter("batchin_ingest_requests_total", "Requests made durable.", commits.batches)
        counter(
            "batchin_ingest_rejected_spans_total", "Spans left out because of their ids.",
            samples: metrics.rejectedSpans.values.map { ("reason=\"\($0.labels)\"", $0.value) })
        counter(
            "batchin_ingest_refused_requests_total", "Requests of which nothing was stored.",
            samples: metrics.refusedRequests.values.map { ("code=\"\($0.labels)\"", $0.value) })
        gauge("batchin_ingest_memory_bytes", "Memory held by requests not yet stored.", budget.usedBytes)
        gauge("batchin_ingest_memory_limit_bytes", "The setting limits.ingest_queue_bytes.", budget.limit)
        gauge("batchin_ingest_queue_requests", "Requests waiting for the journal.", commits.queueBatches)
        gauge("batchin_ingest_queue_bytes", "Bytes waiting for the journal.", commits.queueBytes)
        histogram(
            "batchin_journal_commit_seconds", "Time to write and sync one frame.",
            bounds: CommitStatistics.latencyBounds, counts: commits.latencyCounts, sum: commits.latencySeconds)
        counter("batchin_journal_commit_failures_total", "Frames that could not be written.", commits.failures)
    }

    fileprivate mutating func spanStore(_ statistics: StoreStatistics) {
        gauge("batchin_store_head_spans", "Spans in memory, not yet in a block.", statistics.headSpans)
        gauge("batchin_store_head_bytes", "Memory of the heads, estimated.", statistics.headMemoryBytes)
        gauge("batchin_store_frozen_heads", "Heads waiting to be sealed.", statistics.frozenHeads)
        gauge("batchin_store_blocks", "Block files.", statistics.blocks)
        gauge("batchin_store_block_spans", "Spans in blocks.", statistics.blockSpans)
        gauge("batchin_store_block_bytes", "Size of the block files.", statistics.blockBytes)
        gauge("batchin_store_damaged_files", "Files found damaged.", statistics.damage.count)
        counter("batchin_store_seal_failures_total", "Failed attempts to write a block.", statistics.sealFailures)
    }

    fileprivate mutating func process(_ usage: ProcessUsage, startedAt: Date) {
        gauge("process_resident_memory_bytes", "Resident memory.", usage.residentBytes)
        counter("process_cpu_seconds_total", "CPU time, user and system.", usage.cpuSeconds)
        gauge("process_start_time_seconds", "Start of the process, Unix time.", startedAt.timeIntervalSince1970)
    }
}
