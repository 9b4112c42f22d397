import Foundation
import NIOSSL
import TestSupport
import Testing

@testable import Inference

@Suite(.timeLimit(.minutes(5)))
struct UpstreamTLSTests {
    /// Runs a test with an upstream that shows a certificate for `localhost`, and the certificate's file.
    private func withSecureUpstream(
        _ scripts: [ScriptedUpstream.Step]..., test: (ScriptedUpstream, _ certificate: String) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let (certificate, key) = (folder + "/cert.pem", folder + "/key.pem")
            try await run([
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost",
                "-addext", "subjectAltName=DNS:localhost",
            ])
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
            configuration.applicationProtocols = ["h2", "http/1.1"]
            let context = try NIOSSLContext(configuration: configuration)
            try await ScriptedUpstream.run(scripts, tls: context) { try await test($0, certificate) }
        }
    }

    private func run(_ arguments: [String]) async throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        try #require(status == 0)
    }

    private func withSecureClient(
        _ host: String, _ port: Int, trustRoots: NIOSSLTrustRoots, connectTimeout: Duration = .seconds(60),
        _ test: (UpstreamClient) async throws -> Void
    ) async throws {
        let endpoint = Provider.Endpoint(baseURL: "https://\(host):\(port)/v1", connectTimeout: connectTimeout)
        let client = UpstreamClient(endpoint, trustRoots: trustRoots)
        do {
            try await test(client)
            try await client.shutDown()
        } catch {
            try await client.shutDown()
            throw error
        }
    }

    @Test func `an upstream that is trusted is called over TLS, and its connection kept`() async throws {
        try await withSecureUpstream([.send(HTTPText.json("{}"))]) { upstream, certificate in
            try await withSecureClient("localhost", upstream.port, trustRoots: .file(certificate)) { client in
                for _ in 0..<3 {
                    let text = try await client.send(.stub()).body.text()
                    #expect(text == "{}")
                }
                #expect(await upstream.event() == .connected)
                for _ in 0..<3 {
                    guard case .received(let request) = await upstream.event() else {
                        Issue.record("another connection was made")
                        return
                    }
                    #expect(request.contains("Host: localhost:\(upstream.port)\r\n"))
                }
            }
        }
    }

    @Test func `an upstream that nobody vouches for is not called`() async throws {
        try await withSecureUpstream([.send(HTTPText.json("{}"))]) { upstream, _ in
            try await withSecureClient("localhost", upstream.port, trustRoots: .default) { client in
                let error = await #expect(throws: InferenceError(.upstreamError, "")) { try await client.send(.stub()) }
                #expect(error?.detail.lowercased().contains("certificate") == true)
            }
        }
    }

    @Test func `an upstream with another's name is not called`() async throws {
        try await withSecureUpstream([.send(HTTPText.json("{}"))]) { upstream, certificate in
            try await withSecureClient("127.0.0.1", upstream.port, trustRoots: .file(certificate)) { client in
                await #expect(throws: InferenceError(.upstreamError, "")) { try await client.send(.stub()) }
            }
        }
    }

    @Test func `an upstream that never shakes hands can't be reached`() async throws {
        try await ScriptedUpstream.run([[.wait]]) { upstream in
            let timeout = Duration.milliseconds(100)
            try await withSecureClient(
                "127.0.0.1", upstream.port, trustRoots: .default, connectTimeout: timeout
            ) { client in
                let error = await #expect(throws: InferenceError(.upstreamError, "")) { try await client.send(.stub()) }
                #expect(error?.message == "the provider could not be reached")
                #expect(await upstream.event { $0 == .closed } == .closed)
            }
        }
    }

    @Test func `a slow reader gets everything over TLS, and a call that ends early closes its connection`() async throws
    {
        let size = 4 << 20
        try await withSecureUpstream(
            [.send(HTTPText.streamHead), .flood(size)],
            [.send(HTTPText.streamHead + HTTPText.chunk("data: 1\n\n")), .wait]
        ) { upstream, certificate in
            try await withSecureClient("localhost", upstream.port, trustRoots: .file(certificate)) { client in
                let text = try await client.send(.stub(expecting: .eventStream)).body.text()
                #expect(text.utf8.count == size)
                _ = try await client.send(.stub(expecting: .eventStream))
                #expect(await upstream.event { $0 == .closed } == .closed)
            }
        }
    }
}
