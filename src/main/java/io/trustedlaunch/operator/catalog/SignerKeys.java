package io.trustedlaunch.operator.catalog;

import io.trustedlaunch.custody.CatalogSigner;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The public keys of an ImageCatalog.
 *
 * @param faults one for each text that is not a key
 */
record SignerKeys(List<CatalogSigner> signers, List<String> faults) {
    static SignerKeys of(List<String> publicKeys) {
        List<CatalogSigner> signers = new ArrayList<>();
        List<String> faults = new ArrayList<>();
        for (int i = 0; i < publicKeys.size(); i++) {
            try {
                signers.add(CatalogSigner.fromPem(publicKeys.get(i)));
            } catch (IllegalArgumentException e) {
                faults.add("spec.publicKeys[" + i + "] " + e.getMessage());
            }
        }
        return new SignerKeys(List.copyOf(signers), List.copyOf(faults));
    }

    String ids() {
        return signers.isEmpty()
                ? "none is usable"
                : signers.stream().map(CatalogSigner::keyId).collect(Collectors.joining(", "));
    }
}
