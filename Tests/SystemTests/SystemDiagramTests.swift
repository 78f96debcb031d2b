import MartletCore
import MartletKit
import MartletMessaging
import MartletSystem
import Testing

@Suite("The diagram of the system")
struct SystemDiagramTests {
    @Test("in docs/architecture.md shows what the description says")
    func isUpToDate() throws {
        try GeneratedPage("architecture.md", of: "the system").check([
            ("the system as a diagram", "```mermaid\n\(SystemDiagram.mermaid(of: SystemService.all))```\n"),
            ("the system as a table", SystemDiagram.table(of: SystemService.all)),
        ])
    }

    @Test("has a node for each service, store, exchange and queue, and an arrow for whatever goes between them")
    func everythingIsThere() {
        let system = [
            SystemService(
                app: ShopApp.self, port: StandardKeys.httpPort(9001), stores: [.init("orders")],
                calls: [.init(variable: "ADDRESS_BOOK_URL", service: "address-book")],
                publishes: [.init(["order.made", "order.sent"], to: "orders")]),
            SystemService(
                app: AddressBookApp.self, port: StandardKeys.httpPort(9002),
                otherPorts: [.init(name: "ldap", key: StandardKeys.httpPort(9003))],
                calls: [.init(variable: "SHOP_URL", service: "shop", isForBrowsers: true)],
                consumes: [Queue("address-book.orders", bindings: [Binding("order.#", of: "orders")])]),
        ]
        #expect(
            SystemDiagram.mermaid(of: system) == """
                flowchart LR
                    browser([browser])
                    shop["shop<br/>9001"]
                    address_book["address-book<br/>9002<br/>ldap 9003"]
                    exchange_orders{{orders}}
                    shop --- store_shop_orders[(orders)]
                    shop --> address_book
                    browser --> address_book
                    browser --> shop
                    shop -. "order.made<br/>order.sent" .-> exchange_orders
                    exchange_orders -. "order.#" .-> queue_address_book_orders[/address-book.orders/]
                    queue_address_book_orders[/address-book.orders/] -.-> address_book

                """)
        let rows = SystemDiagram.table(of: system).split(separator: "\n").dropFirst(2)
        #expect(
            rows == [
                "| shop | sells | 9001 | `shop/orders.db` | address-book | `order.made`, `order.sent` to `orders` |  |",
                "| address-book | finds people | 9002, ldap 9003 |  | shop (from the browser) |  | `address-book.orders` |",
            ])
    }

    private enum ShopApp: ServiceApp {
        static let name = "shop"
        static let summary = "sells"
        static let keys: [any AnyConfigurationKey] = []
        static func make(_ setup: Setup) async throws -> ServiceGroup { setup.group {} }
    }

    private enum AddressBookApp: ServiceApp {
        static let name = "address-book"
        static let summary = "finds people"
        static let keys: [any AnyConfigurationKey] = []
        static func make(_ setup: Setup) async throws -> ServiceGroup { setup.group {} }
    }
}
