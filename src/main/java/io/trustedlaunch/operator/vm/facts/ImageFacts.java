package io.trustedlaunch.operator.vm.facts;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.image.GuestImageSpec;
import io.trustedlaunch.eligibility.EligibilityVerdict;
import io.trustedlaunch.placement.ImageFile;
import io.trustedlaunch.placement.ImageReport;
import java.util.List;
import java.util.Optional;

/**
 * The GuestImage that the VM names.
 *
 * @param uid empty if the image does not exist
 * @param spec empty if the image does not exist; with the resolved digest if the spec itself has none
 * @param verdict of the policies on the image as it is now
 * @param askedAtEveryStart a policy checks the image again before every start
 * @param secureBootPolicy the policy that refuses to start a VM with Secure Boot off; empty: none does
 * @param reports of its imports; read only before the VM has a TPM
 */
@RecordBuilder
public record ImageFacts(
        String name,
        Optional<String> uid,
        Optional<GuestImageSpec> spec,
        EligibilityVerdict verdict,
        boolean askedAtEveryStart,
        Optional<String> secureBootPolicy,
        List<ImageReport> reports) {

    /**
     * Empty if its source is not a file, so that every node can fetch it.
     *
     * @param copyIn the storage location of the VM
     */
    public Optional<ImageFile> file(String copyIn) {
        return spec.flatMap(image -> Optional.ofNullable(image.source().file()))
                .map(file -> new ImageFile(name, file.storageLocationRef().name(), file.path(), copyIn, reports));
    }

    public boolean isEligible() {
        return switch (verdict) {
            case EligibilityVerdict.Allowed allowed -> true;
            case EligibilityVerdict.Refused refused -> false;
        };
    }
}
