internal import MartletCore
internal import MartletRuntime
internal import MartletTLS

extension ConnectionPool {
    /// Makes a connection: to each address of the name in turn, each with its share of the time. This is the one place
    /// that knows how bytes reach the server.
    func dial(for call: ClientCall) async throws -> Connection {
        let limit = min(call.deadline, .now + limits.connect)
        let addresses = try await addresses(before: limit, for: call)
        let tls = origin.isSecure ? try client.tlsContext() : nil
        var failure: ConnectionError?
        for (index, address) in addresses.enumerated() {
            let now = MonotonicTime.now
            guard now < limit else { break }
            let share = limit.nanoseconds(since: now) / UInt64(addresses.count - index)
            let deadline = MonotonicTime(nanoseconds: now.nanoseconds &+ share)
            do throws(ConnectionError) {
                let connection = try await Connection.connect(to: address, on: client.loop, deadline: deadline)
                if let tls {
                    let protocols = call.base.version == .http2 ? Self.http2 : Self.http1
                    try await connection.startTLS(
                        tls, server: origin.serverName, protocols: protocols, deadline: deadline)
                    if protocols == Self.http2, connection.negotiatedProtocol != "h2" {
                        connection.close()
                        throw ConnectionError.insecure("the server does not speak HTTP/2")
                    }
                }
                prefer(address)
                return connection
            } catch .closed {
                throw CancellationError()
            } catch .timedOut where failure != nil {
                continue
            } catch {
                failure = error
            }
        }
        known = nil
        if call.deadline <= .now { throw call.lateness }
        throw unreachable(failure ?? .timedOut)
    }

    /// What is said to be spoken (ALPN).
    private static let http1: TLSProtocols = ["http/1.1"]
    private static let http2: TLSProtocols = ["h2"]

    private func addresses(before limit: MonotonicTime, for call: ClientCall) async throws -> [SocketAddress] {
        guard case .name(let name, let port) = origin.place else {
            if case .address(let address) = origin.place { return [address] }
            return []
        }
        if let known, .now < known.expiry { return known.addresses }
        do {
            let addresses = try await Resolver.addresses(of: name, port: port, deadline: limit)
            known = KnownAddresses(addresses: addresses, expiry: .now + limits.addresses)
            return addresses
        } catch .closed {
            throw CancellationError()
        } catch {
            if call.deadline <= .now { throw call.lateness }
            throw unreachable(error)
        }
    }

    /// The address that answered is tried first next time.
    private func prefer(_ address: SocketAddress) {
        guard let index = known?.addresses.firstIndex(of: address), index > 0 else { return }
        known?.addresses.swapAt(0, index)
    }

    private func unreachable(_ error: ConnectionError) -> ServiceError {
        let reason =
            switch error {
            case .unreachable(let address, let reason): "\(address): \(reason)"
            case .timedOut: "no answer within \(limits.connect)"
            case .reset, .closed, .insecure: "\(error)"
            }
        return ServiceError(.unavailable, "cannot connect to \(origin) (\(reason))")
    }
}
