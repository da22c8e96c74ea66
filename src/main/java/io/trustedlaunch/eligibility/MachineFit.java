package io.trustedlaunch.eligibility;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.catalog.Architecture;
import io.trustedlaunch.catalog.CatalogMatch;
import io.trustedlaunch.eligibility.EligibilityVerdict.Refused;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Whether a machine with UEFI Secure Boot can boot an image at all, as far as a catalog says; no policy changes that. */
final class MachineFit {
    private static final List<Function<ImageClaim, Optional<Refused>>> PREDICATES =
            List.of(MachineFit::generation, MachineFit::architecture, MachineFit::osType);

    private MachineFit() {}

    static Optional<Refused> refusal(ImageClaim claim) {
        return PREDICATES.stream()
                .flatMap(predicate -> predicate.apply(claim).stream())
                .findFirst();
    }

    private static Optional<Refused> generation(ImageClaim claim) {
        return claim.voucher()
                .filter(voucher -> voucher.image().generation() == 1)
                .map(voucher -> new Refused(
                        Reason.Generation1,
                        said(voucher)
                                + "generation 1: it has no UEFI, and so no Secure Boot; take the generation 2 image"));
    }

    private static Optional<Refused> architecture(ImageClaim claim) {
        return claim.voucher()
                .filter(voucher -> voucher.image().architecture() != Architecture.x64)
                .map(voucher -> new Refused(
                        Reason.OtherArchitecture,
                        said(voucher) + "architecture " + voucher.image().architecture() + ", and the hosts are x64"));
    }

    private static Optional<Refused> osType(ImageClaim claim) {
        return claim.voucher()
                .filter(voucher -> voucher.image().osType() != claim.image().osType())
                .map(voucher -> new Refused(
                        Reason.OsTypeMismatch,
                        said(voucher) + "OS type " + voucher.image().osType() + ", its GuestImage says "
                                + claim.image().osType() + ": make one with the right osType"));
    }

    private static String said(CatalogMatch voucher) {
        return "ImageCatalog " + voucher.catalog() + " says that it is of ";
    }
}
