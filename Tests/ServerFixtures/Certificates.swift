// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// A certificate for servers that are called `localhost` or have the address 127.0.0.2, but not for 127.0.0.1; and the authority
/// that signed it. They protect nothing: the
/// keys are public.
public enum Certificates {
    /// The names of the files that write(to:) makes.
    public static let authorityName = "ca.crt"
    public static let serverCertificateName = "server.crt"
    public static let serverKeyName = "server.key"
    /// What servers are to trust: the authority, and the client's certificate.
    static let trustName = "trusted.crt"

    /// Writes them as PEM files into a folder.
    public static func write(to directory: URL) throws {
        for (name, text) in [
            (Self.authorityName, Self.authority), (Self.serverCertificateName, Self.serverCertificate),
            (Self.serverKeyName, Self.serverKey),
            (Self.trustName, Self.authority + "\n" + Self.clientCertificate + "\n"),
        ] {
            try Data(text.utf8).write(to: directory.appending(path: name))
        }
    }

    /// A client's certificate, signed by itself.
    public static let clientCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIBozCCAUmgAwIBAgIUA4utYjLBOiDq/X7eMkYk3OyYaxAwCgYIKoZIzj0EAwIw
        HTEbMBkGA1UEAwwSTGFyZGVyIHRlc3QgY2xpZW50MCAXDTI2MTEyMTE0MDA0NFoY
        DzIxMjYxMDI4MTQwMDQ0WjAdMRswGQYDVQQDDBJMYXJkZXIgdGVzdCBjbGllbnQw
        WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASB/8peGURT/5DfRil80FS46XtvhGBv
        DhdxCABNVyXSmR0SMaX1A7Jiu3GbZA72dBmR2Gbzm/0DaUjUHhNYVTOqo2UwYzAd
        BgNVHQ4EFgQUEZ0HdVcqz19/FK/l2o8dSGt74VkwHwYDVR0jBBgwFoAUEZ0HdVcq
        z19/FK/l2o8dSGt74VkwEwYDVR0lBAwwCgYIKwYBBQUHAwIwDAYDVR0TAQH/BAIw
        ADAKBggqhkjOPQQDAgNIADBFAiByuu9cmmEwzrHwR6GpvqGe63nUa+ioKjkOcNr3
        WScfDAIhANaWZDxIeRGfrlPGtBrTs/e0hat75twgl/4SsfWoDrV4
        -----END CERTIFICATE-----
        """

    /// The key to it.
    public static let clientKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgmoLZ+nSSvpQimLei
        MFgYwgZWQbNsvwTGU5HHyySi6rKhRANCAASB/8peGURT/5DfRil80FS46XtvhGBv
        DhdxCABNVyXSmR0SMaX1A7Jiu3GbZA72dBmR2Gbzm/0DaUjUHhNYVTOq
        -----END PRIVATE KEY-----
        """

    /// The authority's certificate, which clients are to trust.
    public static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBpjCCAU2gAwIBAgIUH8Y8+hJwurRGON1Zd2CmXN7dNg8wCgYIKoZIzj0EAwIw
        IDEeMBwGA1UEAwwVTGFyZGVyIHRlc3QgYXV0aG9yaXR5MCAXDTI2MTEyMTA4MjI1
        NFoYDzIxMjYxMDI4MDgyMjU0WjAgMR4wHAYDVQQDDBVMYXJkZXIgdGVzdCBhdXRo
        b3JpdHkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASxEnmBqLAX1k+F44HdD0SO
        SAtl8QBMG4ZjFHBXBrF0mjf2hQmKF0cem3hOuJcHHoN3OjHxe0Tn8ZH3OEEMZMAo
        o2MwYTAdBgNVHQ4EFgQUcII19vijRqbtbks0PGkYOLCn3yAwHwYDVR0jBBgwFoAU
        cII19vijRqbtbks0PGkYOLCn3yAwDwYDVR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8E
        BAMCAgQwCgYIKoZIzj0EAwIDRwAwRAIgFKIeV1vZufOoIRSMROdNC3zt3wqZL3z6
        hpenrB7SgucCIAzamDyM3Tu89Zyqv4YuztFJkXDcx2CvtLGieeIWIMGA
        -----END CERTIFICATE-----
        """

    private static let serverCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIBtjCCAVygAwIBAgIUYCXCJXcYgmR+ZAZc3hLvX5ITIdwwCgYIKoZIzj0EAwIw
        IDEeMBwGA1UEAwwVTGFyZGVyIHRlc3QgYXV0aG9yaXR5MCAXDTI2MTEyMTA4MjI1
        NFoYDzIxMjYxMDI4MDgyMjU0WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcq
        hkjOPQIBBggqhkjOPQMBBwNCAASaMVPrLYXwUeDE2zUlzhYSB2do15u5JlgJnUDU
        hGDPldr7KmbGLqsr2Hez0tCCs3/AVLSVPEudbcmoJuUi885bo34wfDAaBgNVHREE
        EzARgglsb2NhbGhvc3SHBH8AAAIwEwYDVR0lBAwwCgYIKwYBBQUHAwEwCQYDVR0T
        BAIwADAdBgNVHQ4EFgQU943vEUbFJm2npO+2Vrfm4zu4rCwwHwYDVR0jBBgwFoAU
        cII19vijRqbtbks0PGkYOLCn3yAwCgYIKoZIzj0EAwIDSAAwRQIgRJADXgcq2Jz/
        lzzurD0tZj2PJmuSqqy41sTvxW9GvYoCIQCsu0ZBP/83rKrLyF59L5cCAu6+Th2b
        cmaN+6Ex2irDbA==
        -----END CERTIFICATE-----
        """

    private static let serverKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgI8UmpeQOWnxT1AcM
        EO7GuWjnYGzsTcE9IR30WPnEIl6hRANCAASaMVPrLYXwUeDE2zUlzhYSB2do15u5
        JlgJnUDUhGDPldr7KmbGLqsr2Hez0tCCs3/AVLSVPEudbcmoJuUi885b
        -----END PRIVATE KEY-----
        """
}
