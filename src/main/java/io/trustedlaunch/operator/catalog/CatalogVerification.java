package io.trustedlaunch.operator.catalog;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.catalog.Catalog;
import io.trustedlaunch.catalog.CatalogReading;
import io.trustedlaunch.catalog.MalformedCatalogException;
import io.trustedlaunch.custody.CatalogSigner;
import java.time.Instant;
import java.util.Optional;

/** Whether signed bytes are a valid catalog. */
sealed interface CatalogVerification {
    record Good(Catalog catalog, String keyId) implements CatalogVerification {}

    record Bad(Reason reason, String message) implements CatalogVerification {}

    /**
     * Does not check the expiry. Bytes are not parsed before their signature is verified.
     *
     * @param name that the catalog must have
     */
    static CatalogVerification of(SignedContent signed, SignerKeys keys, String name) {
        Optional<byte[]> signature = CatalogSigner.decode(signed.signature());
        if (signature.isEmpty()) {
            return new Bad(
                    Reason.CatalogSignatureInvalid,
                    "the signature (" + signed.signature().length()
                            + " characters) is not base64: sign the catalog, for example with cosign sign-blob --key");
        }
        Optional<CatalogSigner> signer = keys.signers().stream()
                .filter(key -> key.signed(signed.content(), signature.get()))
                .findFirst();
        if (signer.isEmpty()) {
            return new Bad(
                    Reason.CatalogSignatureInvalid,
                    "none of the public keys (" + keys.ids() + ") verifies the signature: it was made with another"
                            + " key, or over other bytes. Sign the catalog again, or add the key to spec.publicKeys");
        }
        try {
            return named(
                    name,
                    new Good(CatalogReading.read(signed.content()), signer.get().keyId()));
        } catch (MalformedCatalogException e) {
            return new Bad(
                    Reason.CatalogMalformed, "the signed catalog " + e.getMessage() + ": correct it and sign it again");
        }
    }

    /** Its signer may sign other lists with the same key, for example for tests. */
    private static CatalogVerification named(String name, Good good) {
        return good.catalog().name().equals(name)
                ? good
                : new Bad(
                        Reason.CatalogNameMismatch,
                        "the signed catalog has the name " + good.catalog().name() + ", but spec.catalogName is " + name
                                + ": put the catalog with that name there, or create an ImageCatalog for the other one");
    }

    default CatalogVerification at(Instant now) {
        return this instanceof Good(Catalog catalog, String keyId) && catalog.isExpiredAt(now)
                ? new Bad(
                        Reason.CatalogExpired,
                        "the catalog with serial " + catalog.serial() + " expired at " + catalog.expires()
                                + ": sign a newer one")
                : this;
    }

    /** The serial of bytes that were accepted before, whatever the keys are now. */
    static Optional<Long> serial(SignedContent cached) {
        try {
            return Optional.of(CatalogReading.read(cached.content()).serial());
        } catch (MalformedCatalogException e) {
            return Optional.empty();
        }
    }
}
