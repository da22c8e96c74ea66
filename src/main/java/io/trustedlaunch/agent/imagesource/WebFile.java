package io.trustedlaunch.agent.imagesource;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImageSpec.HttpsSource;
import io.trustedlaunch.custody.PullCredentials;
import io.trustedlaunch.web.HttpsClient;
import io.trustedlaunch.web.HttpsRequest;
import io.trustedlaunch.web.RedactedUri;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;

/** An image on an https server. */
public final class WebFile extends RemoteImage {
    private static final String CREATE = "create a GuestImage with an https URL";

    private final HttpsSource source;

    public WebFile(HttpsSource source, Optional<PullCredentials> credentials) {
        this(source, FetchOptions.with(credentials));
    }

    WebFile(HttpsSource source, FetchOptions options) {
        super("spec.source.https", "credentialsRef", source.caBundle(), options);
        this.source = source;
    }

    @Override
    String address(ServerRefusals refusals) {
        return RedactedUri.of(uri(refusals));
    }

    @Override
    void fetch(HttpsClient client, StagedFile file, WantedImage wanted, ServerRefusals refusals) throws IOException {
        URI uri = uri(refusals);
        Optional<String> authorization = options().credentials().map(PullCredentials::authorization);
        new Download(
                        headers -> client.send(
                                new HttpsRequest(uri, headers, authorization),
                                options().timeout()),
                        refusals,
                        options().timeout())
                .into(file);
    }

    /** Checked again here: the API server accepts more forms of addresses. */
    private URI uri(ServerRefusals refusals) {
        try {
            URI uri = new URI(source.url());
            if (HttpsClient.isHttps(uri)) {
                return uri;
            }
        } catch (URISyntaxException e) {
            throw refusals.refused(
                    Reason.ImageSourceMissing,
                    "spec.source.https.url is not a valid address: " + e.getReason() + "; " + CREATE);
        }
        throw refusals.refused(
                Reason.ImageSourceMissing, "spec.source.https.url is not an https address of a host; " + CREATE);
    }
}
