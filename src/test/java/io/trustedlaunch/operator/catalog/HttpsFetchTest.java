package io.trustedlaunch.operator.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.ImageCatalogSpec.HttpsSource;
import io.trustedlaunch.catalog.CatalogDocument;
import io.trustedlaunch.custody.PullCredentials;
import io.trustedlaunch.operator.catalog.FetchResult.Fetched;
import io.trustedlaunch.operator.catalog.FetchResult.Unavailable;
import io.trustedlaunch.testkit.CatalogServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real server with an authority of its own. */
class HttpsFetchTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private static CatalogServer server;
    private static CatalogServer stranger;

    @BeforeAll
    static void startServers(@TempDir Path folder) throws Exception {
        server = new CatalogServer(folder.resolve("server"));
        stranger = new CatalogServer(folder.resolve("stranger"));
    }

    @AfterAll
    static void stopServers() {
        server.close();
        stranger.close();
    }

    @Test
    void catalogAndSignatureComeByteForByte() {
        byte[] content = {0, (byte) 0xFF, '{', '\r', '\n'};
        server.serve("/good.json", content);
        server.serve("/good.json.sig", "c2ln\n".getBytes(UTF_8));

        Fetched fetched = (Fetched) fetch("/good.json", null);
        assertThat(fetched.signed().content()).isEqualTo(content);
        assertThat(fetched.signed().signature()).isEqualTo("c2ln\n");
    }

    @Test
    void theSignatureMayBeElsewhere() {
        server.serve("/apart.json", new byte[1]);
        server.serve("/signatures/1", "c2ln".getBytes(UTF_8));
        assertThat(fetch("/apart.json", server.url("/signatures/1"))).isInstanceOf(Fetched.class);
    }

    @Test
    void withoutASignatureItIsUnsigned() {
        server.serve("/unsigned.json", new byte[1]);
        assertRefused(fetch("/unsigned.json", null), Reason.CatalogUnsigned, "/unsigned.json.sig answers 404");
    }

    @Test
    void aMissingOrForbiddenFileIsUnreachable() {
        assertRefused(fetch("/missing.json", null), Reason.CatalogUnreachable, "/missing.json answers 404");
        server.respond("/denied.json", 401);
        assertRefused(fetch("/denied.json", null), Reason.CatalogUnreachable, "answers 401");
        server.respond("/busy.json", 503);
        assertRefused(fetch("/busy.json", null), Reason.CatalogUnreachable, "answers 503");
    }

    @Test
    void aQueryMayHoldAPasswordAndIsNotInMessages() {
        assertThat(((Unavailable) fetch("/missing.json?token=hunter2", null)).message())
                .doesNotContain("hunter2");
    }

    @Test
    void aServerOfAnotherAuthorityIsNotTrusted() {
        stranger.serve("/a.json", new byte[1]);
        HttpsSource source = new HttpsSource(stranger.url("/a.json"), null, server.authority(), null, null);
        assertRefused(HttpsFetch.of(source, Optional.empty(), TIMEOUT), Reason.CatalogUnreachable, "trust anchors");
        HttpsSource ofTheSystem = new HttpsSource(stranger.url("/a.json"), null, null, null, null);
        assertRefused(
                HttpsFetch.of(ofTheSystem, Optional.empty(), TIMEOUT), Reason.CatalogUnreachable, "certification path");
    }

    @Test
    void aServerWithAnotherNameIsNotTrusted() {
        HttpsSource source = new HttpsSource(
                server.url("/good.json").replace("localhost", "127.0.0.2"), null, server.authority(), null, null);
        assertThat(HttpsFetch.of(source, Optional.empty(), TIMEOUT)).isInstanceOf(Unavailable.class);
    }

    @Test
    void aBundleWithoutACertificateIsReported() {
        HttpsSource source = new HttpsSource(server.url("/good.json"), null, "nothing", null, null);
        assertRefused(
                HttpsFetch.of(source, Optional.empty(), TIMEOUT),
                Reason.CatalogUnreachable,
                "spec.source.https.caBundle");
    }

    @Test
    void aRedirectIsFollowedWithinHttpsOnly() {
        server.serve("/there.json", new byte[] {7});
        server.redirect("/here.json", server.url("/there.json"));
        server.serve("/here.json.sig", "c2ln".getBytes(UTF_8));
        assertThat(((Fetched) fetch("/here.json", null)).signed().content()).containsExactly(7);

        for (String elsewhere : new String[] {"http://localhost:1/x", "file:///etc/hostname", "ftp://localhost/x"}) {
            server.redirect("/elsewhere.json", elsewhere);
            assertThat(fetch("/elsewhere.json", null)).as(elsewhere).isInstanceOf(Unavailable.class);
        }
        server.redirect("/elsewhere.json", "http://localhost:1/x");
        assertRefused(fetch("/elsewhere.json", null), Reason.CatalogUnreachable, "a redirect that is not followed");
    }

    @Test
    void aRedirectToAnAddressOfThisHostIsNotFollowed() {
        server.serve("/secret", new byte[1]);
        server.redirect("/elsewhere.json", server.url("/secret").replace("localhost", "127.0.0.1"));
        assertRefused(fetch("/elsewhere.json", null), Reason.CatalogUnreachable, "whose addresses it may not lead to");
    }

    @Test
    void redirectsInACircleEnd() {
        server.redirect("/circle.json", server.url("/circle.json"));
        assertThat(fetch("/circle.json", null)).isInstanceOf(Unavailable.class);
    }

    @Test
    void aRedirectToAServerOfAnotherAuthorityIsNotFollowed() {
        server.redirect("/away.json", stranger.url("/a.json"));
        assertRefused(fetch("/away.json", null), Reason.CatalogUnreachable, "trust anchors");
    }

    @Test
    void aFileThatIsTooLongIsNotReadToItsEnd() {
        server.serveEndlessly("/endless.json");
        assertRefused(fetch("/endless.json", null), Reason.CatalogTooLarge, "more than " + CatalogDocument.MAX_BYTES);
        server.serve("/long.json", new byte[CatalogDocument.MAX_BYTES + 1]);
        assertRefused(fetch("/long.json", null), Reason.CatalogTooLarge, "more than");
        server.serve("/short.json", new byte[CatalogDocument.MAX_BYTES]);
        server.serveEndlessly("/short.json.sig");
        assertRefused(fetch("/short.json", null), Reason.CatalogSignatureInvalid, "more than 4096");
    }

    @Test
    void credentialsAreSentToTheServerOfTheCatalogOnly() {
        Optional<PullCredentials> ada = Optional.of(PullCredentials.basic("ada", "hunter2"));
        server.serve("/guarded.json", new byte[1]);
        server.serve("/guarded.json.sig", "c2ln".getBytes(UTF_8));
        server.requireAuthorization("/guarded.json", "Basic YWRhOmh1bnRlcjI=");
        server.requireAuthorization("/guarded.json.sig", "Basic YWRhOmh1bnRlcjI=");
        HttpsSource source = new HttpsSource(server.url("/guarded.json"), null, server.authority(), null, null);
        assertThat(HttpsFetch.of(source, ada, TIMEOUT)).isInstanceOf(Fetched.class);
        assertRefused(HttpsFetch.of(source, Optional.empty(), TIMEOUT), Reason.CatalogUnreachable, "answers 401");

        HttpsSource apart = new HttpsSource(
                server.url("/guarded.json"),
                server.url("/guarded.json.sig").replace("localhost", "127.0.0.1"),
                server.authority(),
                null,
                null);
        assertRefused(HttpsFetch.of(apart, ada, TIMEOUT), Reason.CatalogUnreachable, "answers 401");
    }

    @Test
    void aRequestToAHangingServerTimesOut() {
        server.stall("/slow.json");
        HttpsSource source = new HttpsSource(server.url("/slow.json"), null, server.authority(), null, null);
        assertRefused(
                HttpsFetch.of(source, Optional.empty(), Duration.ofSeconds(2)),
                Reason.CatalogUnreachable,
                "has not answered in full");
    }

    @Test
    void aMissingServerIsUnreachable() {
        HttpsSource source = new HttpsSource("https://localhost:1/a.json", null, null, null, null);
        assertThat(HttpsFetch.of(source, Optional.empty(), TIMEOUT)).isInstanceOf(Unavailable.class);
    }

    private static FetchResult fetch(String path, String signatureUrl) {
        return HttpsFetch.of(
                new HttpsSource(server.url(path), signatureUrl, server.authority(), null, null),
                Optional.empty(),
                TIMEOUT);
    }

    private static void assertRefused(FetchResult fetched, Reason reason, String message) {
        assertThat(fetched).isInstanceOfSatisfying(Unavailable.class, unavailable -> {
            assertThat(unavailable.reason()).isEqualTo(reason);
            assertThat(unavailable.message()).contains(message);
        });
    }
}
