package io.trustedlaunch.agent.imagesource;

import io.trustedlaunch.web.HttpsClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;

/** An image on a server. */
abstract sealed class RemoteImage implements ImageSource permits WebFile, RegistryArtifact {
    private final String field;
    private final String credentialsField;
    private final String caBundle;
    private final FetchOptions options;

    /**
     * @param field of the GuestImage that describes the source
     * @param credentialsField in it
     * @param caBundle null: the host's authorities
     */
    RemoteImage(String field, String credentialsField, String caBundle, FetchOptions options) {
        this.field = field;
        this.credentialsField = credentialsField;
        this.caBundle = caBundle;
        this.options = options;
    }

    /** The image's address, for messages. */
    abstract String address(ServerRefusals refusals);

    abstract void fetch(HttpsClient client, StagedFile file, WantedImage wanted, ServerRefusals refusals)
            throws IOException;

    final FetchOptions options() {
        return options;
    }

    @Override
    public final void fetch(Path staged, WantedImage wanted, Progress progress) {
        ServerRefusals refusals = new ServerRefusals(
                wanted.name(), field, credentialsField, options.credentials().isPresent(), InstantSource.system());
        String source = "image " + wanted.name() + " at " + address(refusals);
        new Transfer(options.space()).run(source, staged, wanted, progress, file -> {
            try (HttpsClient client = refusals.client(caBundle)) {
                fetch(client, file, wanted, refusals);
            }
        });
    }
}
