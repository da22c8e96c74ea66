package io.trustedlaunch.agent.imagecopy;

import io.trustedlaunch.agent.host.EnvelopeOpener;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.imagesource.ImageSource;
import io.trustedlaunch.agent.imagesource.LocationFile;
import io.trustedlaunch.agent.imagesource.RegistryArtifact;
import io.trustedlaunch.agent.imagesource.WebFile;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.image.ImageCopySpec.Envelope;
import io.trustedlaunch.api.image.ImageCopySpec.FileSource;
import io.trustedlaunch.api.image.ImageCopySpec.Source;
import io.trustedlaunch.custody.PullCredentials;
import io.trustedlaunch.custody.PullEnvelope;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;

/** Makes the image source that a copy's spec describes. */
record ImageSources(EnvelopeOpener<PullEnvelope.Address, PullCredentials> opener, String nodeName) {

    ImageSource of(ImageCopy copy) {
        Source source = copy.getSpec().source();
        if (source.https() != null) {
            return new WebFile(source.https(), credentials(copy));
        }
        if (source.oci() != null) {
            return new RegistryArtifact(source.oci(), credentials(copy));
        }
        FileSource file = source.file();
        return new LocationFile(Path.of(file.storageLocation().path()), file.path());
    }

    private Optional<PullCredentials> credentials(ImageCopy copy) {
        if (!copy.getSpec().source().wantsCredentials()) {
            return Optional.empty();
        }
        Envelope envelope = Optional.ofNullable(copy.getSpec().envelope())
                .orElseThrow(
                        () -> new RefusedException(
                                Reason.EnvelopeRefused,
                                "image " + copy.getSpec().image().name()
                                        + " needs credentials, which the operator has not sealed to this node yet; check that it is running"));
        return Optional.of(opener.open(
                decode(envelope.sealed()),
                new PullEnvelope.Address(copy.getMetadata().getName(), nodeName)));
    }

    private static byte[] decode(String sealed) {
        try {
            return Base64.getDecoder().decode(sealed);
        } catch (IllegalArgumentException e) {
            throw new RefusedException(
                    Reason.EnvelopeRefused,
                    "the envelope with the credentials is not base64; delete the ImageCopy to have it sealed again",
                    e);
        }
    }
}
