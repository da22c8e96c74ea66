package io.trustedlaunch.agent.imagesource;

import io.trustedlaunch.api.GuestImageSpec.HttpsSource;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.custody.PullCredentials;
import io.trustedlaunch.web.HttpsClient;
import io.trustedlaunch.web.HttpsRequest;
import io.trustedlaunch.web.RedactedUri;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

/** An image on an https server. */
public final class WebFile implements ImageSource {
    private final HttpsSource source;
    private final FetchOptions access;

    public WebFile(HttpsSource source, Optional<PullCredentials> credentials) {
        this(source, FetchOptions.with(credentials));
    }

    WebFile(HttpsSource source, FetchOptions access) {
        this.source = source;
        this.access = access;
    }

    @Override
    public void bring(Path staged, WantedImage wanted, Progress progress) {
        ServerRefusals refusals = new ServerRefusals(
                wanted.name(),
                "spec.source.https",
                "credentialsRef",
                access.credentials().isPresent(),
                InstantSource.system());
        URI address = address(refusals);
        new Transfer(access.space())
                .of(
                        "image " + wanted.name() + " at " + RedactedUri.of(address),
                        staged,
                        wanted,
                        progress,
                        file -> fetch(address, file, refusals));
    }

    private void fetch(URI address, StagedFile file, ServerRefusals refusals) throws IOException {
        Optional<String> authorization = access.credentials().map(PullCredentials::authorization);
        try (HttpsClient client = refusals.believing(source.caBundle())) {
            new Download(
                            headers ->
                                    client.send(new HttpsRequest(address, headers, authorization), access.patience()),
                            refusals,
                            access.patience())
                    .into(file);
        }
    }

    /** The API server's idea of an address is a wider one. */
    private URI address(ServerRefusals refusals) {
        try {
            URI address = new URI(source.url());
            if (HttpsClient.isHttps(address)) {
                return address;
            }
        } catch (URISyntaxException e) {
            throw refusals.refused(Reason.ImageSourceMissing, "spec.source.https.url is no address: " + e.getReason());
        }
        throw refusals.refused(Reason.ImageSourceMissing, "spec.source.https.url is no https address of a host");
    }
}
