package io.trustedlaunch.operator.catalog;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.catalog.Catalog;
import io.trustedlaunch.catalog.CatalogReading;
import io.trustedlaunch.catalog.MalformedCatalogException;
import io.trustedlaunch.custody.CatalogSigner;
import java.time.Instant;
import java.util.Optional;

/** Whether signed bytes are a catalog that counts. */
sealed interface CatalogVerification {
    record Good(Catalog catalog, String keyId) implements CatalogVerification {}

    record Bad(Reason reason, String message) implements CatalogVerification {}

    /** Whatever the time is. The bytes are not looked into before somebody is known to have signed them. */
    static CatalogVerification of(SignedContent signed, SignerKeys keys) {
        Optional<byte[]> signature = CatalogSigner.decode(signed.signature());
        if (signature.isEmpty()) {
            return new Bad(
                    Reason.CatalogSignatureInvalid,
                    "the signature is not base64, as cosign sign-blob writes it: "
                            + signed.signature().length() + " characters");
        }
        Optional<CatalogSigner> signer = keys.signers().stream()
                .filter(key -> key.signed(signed.content(), signature.get()))
                .findFirst();
        if (signer.isEmpty()) {
            return new Bad(
                    Reason.CatalogSignatureInvalid,
                    "none of the public keys (" + keys.ids() + ") verifies the signature: it is of another key, or of"
                            + " other bytes");
        }
        try {
            return new Good(CatalogReading.read(signed.content()), signer.get().keyId());
        } catch (MalformedCatalogException e) {
            return new Bad(Reason.CatalogMalformed, "the catalog is signed, and " + e.getMessage());
        }
    }

    default CatalogVerification at(Instant now) {
        return this instanceof Good(Catalog catalog, String keyId) && catalog.isExpiredAt(now)
                ? new Bad(
                        Reason.CatalogExpired,
                        "the catalog with serial " + catalog.serial() + " expired at " + catalog.expires()
                                + ": sign a newer one")
                : this;
    }

    /** What stands in the bytes, signed or not; for what was accepted once. */
    static Optional<Long> serial(SignedContent kept) {
        try {
            return Optional.of(CatalogReading.read(kept.content()).serial());
        } catch (MalformedCatalogException e) {
            return Optional.empty();
        }
    }
}
