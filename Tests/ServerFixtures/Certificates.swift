// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// A certificate for servers on `localhost` and 127.0.0.1, and the authority that signed it. They protect nothing: the
/// keys are public.
public enum Certificates {
    /// The names of the files that write(to:) makes.
    public static let authorityName = "ca.crt"
    public static let serverCertificateName = "server.crt"
    public static let serverKeyName = "server.key"

    /// Writes them as PEM files into a folder.
    public static func write(to directory: URL) throws {
        for (name, text) in [
            (Self.authorityName, Self.authority), (Self.serverCertificateName, Self.serverCertificate),
            (Self.serverKeyName, Self.serverKey),
        ] {
            try Data(text.utf8).write(to: directory.appending(path: name))
        }
    }

    /// The authority's certificate, which clients are to trust.
    public static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBpzCCAU2gAwIBAgIUVrO7rlJNrfsHC3XFNuNDPlRQYlMwCgYIKoZIzj0EAwIw
        IDEeMBwGA1UEAwwVTGFyZGVyIHRlc3QgYXV0aG9yaXR5MCAXDTI2MTEyMTA2MDcy
        MVoYDzIxMjYxMDI4MDYwNzIxWjAgMR4wHAYDVQQDDBVMYXJkZXIgdGVzdCBhdXRo
        b3JpdHkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQeHq7izxpXcHSDC99ZVtei
        wYInK6eAwnUPsppiIX0IDXbPt94ioGDWFoeSEz1YhitEwgLdFWA/BPhKLbV9lrJv
        o2MwYTAdBgNVHQ4EFgQUyL+7ugreulZgxPaW4yRlOCrMQ3QwHwYDVR0jBBgwFoAU
        yL+7ugreulZgxPaW4yRlOCrMQ3QwDwYDVR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8E
        BAMCAgQwCgYIKoZIzj0EAwIDSAAwRQIhANz0Aq/svXtLlfeQk0MrSSpL1W2+rlJO
        2zdhk/ggMV4hAiBNKqsqI8wYDbMTaD2vjrBHeseASDnnP5B78Oz0dHqWaA==
        -----END CERTIFICATE-----
        """

    private static let serverCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIBtzCCAVygAwIBAgIUIvwkeIkRsmxlj5wj+vgynTVWTIswCgYIKoZIzj0EAwIw
        IDEeMBwGA1UEAwwVTGFyZGVyIHRlc3QgYXV0aG9yaXR5MCAXDTI2MTEyMTA2MDcy
        MVoYDzIxMjYxMDI4MDYwNzIxWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcq
        hkjOPQIBBggqhkjOPQMBBwNCAAQ4Sl5v2bTAc0OSe2RrKlAQ6e71HJi1ihyzk2Io
        phOPkQiMhDsebs1LfvsFNZEl4rnakY+gM4mkrwdOzgwAhxG2o34wfDAaBgNVHREE
        EzARgglsb2NhbGhvc3SHBH8AAAEwEwYDVR0lBAwwCgYIKwYBBQUHAwEwCQYDVR0T
        BAIwADAdBgNVHQ4EFgQULSi2IE2Uk9BwNWTApf8FrrqWX3AwHwYDVR0jBBgwFoAU
        yL+7ugreulZgxPaW4yRlOCrMQ3QwCgYIKoZIzj0EAwIDSQAwRgIhAIF6IiKAmYgD
        X3Qf5iqmua1Y63Hxyd9txO5OOMtEBZkhAiEA76iRULn0pEOQqff47DS3vPMWHOVD
        OyJwuU/1y+eJ7xU=
        -----END CERTIFICATE-----
        """

    private static let serverKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg/NzLU6bSxxqrsKDF
        KZg3BUNPvjUWRb6b+0gqbm4dsfuhRANCAAQ4Sl5v2bTAc0OSe2RrKlAQ6e71HJi1
        ihyzk2IophOPkQiMhDsebs1LfvsFNZEl4rnakY+gM4mkrwdOzgwAhxG2
        -----END PRIVATE KEY-----
        """
}
