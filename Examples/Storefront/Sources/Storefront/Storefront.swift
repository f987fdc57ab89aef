// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird

/// The demo service: a product catalogue on SQLite, cached by Larder.
@main
enum Storefront {
    static func main() async {
        do {
            let configuration = try StorefrontConfiguration(environment: Environment())
            let application = try await Self.application(configuration) { address in
                print("listening on \(address)")
                fflush(nil)
            }
            try await application.runService()
        } catch let error as StorefrontConfiguration.Invalid {
            Self.fail("\(error)", code: 2)
        } catch {
            Self.fail("\(error)", code: 1)
        }
    }

    private static func fail(_ message: String, code: Int32) -> Never {
        FileHandle.standardError.write(Data("storefront: \(message)\n".utf8))
        exit(code)
    }
}
