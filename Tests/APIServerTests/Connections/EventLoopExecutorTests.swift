import NIOCore
import NIOPosix
import Testing

@testable import APIServer

struct EventLoopExecutorTests {
    @Test func `a task runs on the event loop it is given to, also after it has waited for others`() async throws {
        for eventLoop in MultiThreadedEventLoopGroup.singleton.makeIterator() {
            let executor = try #require(EventLoopExecutor.of(eventLoop))
            let places = await withTaskExecutorPreference(executor) {
                var places = [await isOn(eventLoop)]
                try? await MultiThreadedEventLoopGroup.singleton.next().submit {}.get()
                places.append(await isOn(eventLoop))
                async let child = isOn(eventLoop)
                places.append(await child)
                return places
            }
            #expect(places == [true, true, true])
        }
    }

    @Test func `a task leaves its event loop for another`() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let (one, other) = (group.next(), group.next())
        let places = await withTaskExecutorPreference(EventLoopExecutor.of(one)) {
            await withTaskExecutorPreference(EventLoopExecutor.of(other)) { await isOn(other) }
        }
        #expect(places)
    }

    @Test func `event loops of other groups have none, and tasks then run where tasks run`() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let eventLoop = group.next()
        #expect(EventLoopExecutor.of(eventLoop) == nil)
        let isThere = await withTaskExecutorPreference(EventLoopExecutor.of(eventLoop)) { await isOn(eventLoop) }
        #expect(!isThere)
        try await group.shutdownGracefully()
    }

    private func isOn(_ eventLoop: any EventLoop) async -> Bool {
        eventLoop.inEventLoop
    }
}
