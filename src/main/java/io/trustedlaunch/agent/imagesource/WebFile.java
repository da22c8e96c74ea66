package io.trustedlaunch.agent.imagesource;

import io.trustedlaunch.api.GuestImageSpec.HttpsSource;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.custody.PullCredentials;
import io.trustedlaunch.web.HttpsClient;
import io.trustedlaunch.web.Question;
import io.trustedlaunch.web.Told;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/** An image on an https server. */
public final class WebFile implements ImageSource {
    /** With a server that sends nothing. One that sends little is let be: to break off would not make it faster. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private final HttpsSource source;
    private final Optional<PullCredentials> credentials;
    private final FreeSpace space;
    private final Duration patience;

    public WebFile(HttpsSource source, Optional<PullCredentials> credentials) {
        this(source, credentials, FreeSpace.OF_ITS_FILE_SYSTEM, PATIENCE);
    }

    WebFile(HttpsSource source, Optional<PullCredentials> credentials, FreeSpace space, Duration patience) {
        this.source = source;
        this.credentials = credentials;
        this.space = space;
        this.patience = patience;
    }

    @Override
    public void bring(Path staged, WantedImage wanted, Progress progress) {
        Refusals refusals = new Refusals(
                wanted.name(), "spec.source.https", "credentialsRef", credentials.isPresent(), InstantSource.system());
        URI address = address(refusals);
        new Delivery(space)
                .of(
                        "image " + wanted.name() + " at " + Told.of(address),
                        staged,
                        wanted,
                        progress,
                        file -> fetch(address, file, refusals));
    }

    private void fetch(URI address, StagedFile file, Refusals refusals) throws IOException {
        Optional<String> authorization = credentials.map(PullCredentials::authorization);
        try (HttpsClient client = refusals.believing(source.caBundle())) {
            new Download(
                            headers -> client.ask(new Question(address, headers, authorization), patience),
                            refusals,
                            patience)
                    .into(file);
        }
    }

    /** The API server's idea of an address is a wider one. */
    private URI address(Refusals refusals) {
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
