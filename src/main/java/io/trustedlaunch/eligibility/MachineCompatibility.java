package io.trustedlaunch.eligibility;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.catalog.Architecture;
import io.trustedlaunch.catalog.CatalogMatch;
import io.trustedlaunch.eligibility.EligibilityVerdict.Refused;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Whether a machine with UEFI Secure Boot can boot the image, according to its catalog. No policy can allow it otherwise. */
final class MachineCompatibility {
    private static final List<Function<ImageClaim, Optional<Refused>>> PREDICATES =
            List.of(MachineCompatibility::generation, MachineCompatibility::architecture, MachineCompatibility::osType);

    private MachineCompatibility() {}

    static Optional<Refused> check(ImageClaim claim) {
        return PREDICATES.stream()
                .flatMap(predicate -> predicate.apply(claim).stream())
                .findFirst();
    }

    private static Optional<Refused> generation(ImageClaim claim) {
        return claim.match()
                .filter(match -> match.image().generation() == 1)
                .map(
                        match -> new Refused(
                                Reason.Generation1,
                                catalogSays(match)
                                        + "generation 1: such a VM has no UEFI, and so no Secure Boot; use the generation 2 image"));
    }

    private static Optional<Refused> architecture(ImageClaim claim) {
        return claim.match()
                .filter(match -> match.image().architecture() != Architecture.x64)
                .map(match -> new Refused(
                        Reason.OtherArchitecture,
                        catalogSays(match) + "architecture " + match.image().architecture()
                                + ", but the hosts are x64; use the x64 image"));
    }

    private static Optional<Refused> osType(ImageClaim claim) {
        return claim.match()
                .filter(match -> match.image().osType() != claim.image().osType())
                .map(match -> new Refused(
                        Reason.OsTypeMismatch,
                        catalogSays(match) + "OS type " + match.image().osType() + ", but its GuestImage says "
                                + claim.image().osType() + ": create one with the right osType"));
    }

    private static String catalogSays(CatalogMatch match) {
        return "ImageCatalog " + match.catalog() + " lists the image with ";
    }
}
