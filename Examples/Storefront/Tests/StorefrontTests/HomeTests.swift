// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import ServerFixtures
import Testing

extension StorefrontTests {
    /// What browsers get.
    @Suite struct HomeTests {
        @Test(.timeLimit(.minutes(1))) func thePageLoadsOnlyWhatTheServiceHas() async throws {
            try await RunningStorefront.run { client in
                let page = try await client.get("/")
                #expect(page.status == 200 && page.headers.first(name: "Content-Type") == "text/html; charset=utf-8")
                for name in ["home.css", "home.js"] {
                    #expect(page.text.contains("\"/\(name)\""))
                    #expect(try await client.get("/\(name)").status == 200)
                }
                // Nothing that the policy for contents would forbid.
                #expect(
                    !page.text.contains("://") && !page.text.contains(" style=") && !page.text.contains(" onclick="))
                for part in page.text.components(separatedBy: "data-get=\"").dropFirst() {
                    let path = part.prefix { $0 != "\"" }
                    #expect(try await client.get(String(path)).status == 200, "\(path)")
                }
            }
        }

        @Test(.timeLimit(.minutes(1))) func everyAnswerTellsBrowsersToBeCareful() async throws {
            try await RunningStorefront.run { client in
                for path in [
                    "/", "/products/1", "/bestsellers", "/bestsellers", "/products/none", "/nowhere", "/health",
                ] {
                    let headers = try await client.get(path).headers
                    for name in ["Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options"] {
                        #expect(headers[name].count == 1, "\(path): \(name)")
                    }
                    #expect(!headers.contains(name: "Strict-Transport-Security"))
                }
            }
        }

        @Test(.timeLimit(.minutes(1))) func withACertificateItSpeaksTLS() async throws {
            let directory = FileManager.default.temporaryDirectory.appending(path: "certificates-\(UUID())")
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: directory) }
            try Certificates.write(to: directory)
            func path(_ name: String) -> String { directory.appending(path: name).path }
            let program = try StorefrontProcess([
                "PORT": "0", "TLS_CERTIFICATE": path(Certificates.serverCertificateName),
                "TLS_PRIVATE_KEY": path(Certificates.serverKeyName),
            ])
            let address = try await program.address()
            #expect(address.hasPrefix("https://"))
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .file(path(Certificates.authorityName))
            // The certificate is not for 127.0.0.1.
            tls.certificateVerification = .noHostnameVerification
            let client = HTTPClient(configuration: HTTPClient.Configuration(tlsConfiguration: tls))
            do {
                let answer = try await client.execute(
                    HTTPClientRequest(url: address + "/products/1"), timeout: .seconds(20))
                #expect(answer.status == .ok)
                #expect(answer.headers.first(name: "Strict-Transport-Security") == "max-age=2592000")
                var login = HTTPClientRequest(url: address + "/login")
                login.method = .POST
                login.headers.add(name: "Content-Type", value: "application/json")
                login.body = .bytes(ByteBuffer(string: #"{"username":"user1","password":"password1"}"#))
                let session = try await client.execute(login, timeout: .seconds(20))
                #expect(session.status == .ok)
                #expect(session.headers.first(name: "Set-Cookie")?.hasPrefix("__Host-") == true)
            } catch {
                Issue.record(error)
            }
            try await client.shutdown()
            program.terminate()
            #expect(await program.end().status == 0)
        }

        @Test(.timeLimit(.minutes(1))) func aCertificateThatCannotBeUsedIsNamed() async throws {
            let (status, errors) = await
                (try StorefrontProcess(["TLS_CERTIFICATE": "/nowhere", "TLS_PRIVATE_KEY": "/x"])).end()
            #expect(status == 2)
            #expect(errors == "storefront: TLS_CERTIFICATE=/nowhere: expected a file with certificates as PEM\n")
            let alone = await (try StorefrontProcess(["TLS_CERTIFICATE": "/nowhere"])).end()
            #expect(alone.errors == "storefront: TLS_CERTIFICATE=/nowhere: goes together with TLS_PRIVATE_KEY\n")
        }
    }
}
