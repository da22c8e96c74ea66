package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImageForm;
import io.trustedlaunch.api.image.GuestImageSpec;
import io.trustedlaunch.api.incarnation.DiscDrive;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Image;
import io.trustedlaunch.api.vm.Disc;
import io.trustedlaunch.eligibility.EligibilityVerdict;
import io.trustedlaunch.operator.vm.facts.ImageFacts;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import java.util.List;
import java.util.Optional;

/**
 * The discs of a VM, judged at each insertion: at each start, and when a guest that runs is given another one. Every machine, and
 * every change of one, gets its discs here.
 */
record Discs(VmFacts facts) {
    /** The drives of a guest that starts now. A disc that must not be inserted leaves its drive empty. */
    List<DiscDrive> ofStart() {
        return wanted().stream()
                .map(disc -> new DiscDrive(disc.name(), insertable(disc).orElse(null), disc.required()))
                .toList();
    }

    /**
     * The drives of a guest that runs, which has those of its start. What is in one stays there, whatever policies say by now, as
     * long as the spec names it.
     */
    List<DiscDrive> whileRunning(List<DiscDrive> now) {
        return now.stream().map(this::whileRunning).toList();
    }

    private DiscDrive whileRunning(DiscDrive now) {
        return find(now.name())
                .map(disc -> isIn(now, disc)
                        ? now
                        : new DiscDrive(now.name(), insertable(disc).orElse(null), null))
                .orElseGet(() -> now.disc().isEmpty() ? now : DiscDrive.empty(now.name()));
    }

    /** Also if its GuestImage is gone by now. */
    private boolean isIn(DiscDrive now, Disc wanted) {
        return now.disc()
                .filter(image ->
                        wanted.imageRef() != null && wanted.imageRef().name().equals(image.name()))
                .filter(image -> offered(wanted)
                        .flatMap(ImageFacts::uid)
                        .map(uid -> uid.equals(image.uid()))
                        .orElse(true))
                .isPresent();
    }

    /** Why no start can have the discs of the spec: one that is required must not be inserted. */
    Optional<Problem> unstartable() {
        return wanted().stream()
                .filter(Disc::isRequired)
                .flatMap(disc -> refusal(disc)
                        .map(why -> new Problem(
                                why.reason(),
                                why.message() + ". To start the VM without it, eject it with kubectl tlvm disc eject "
                                        + facts.vm().name() + " " + disc.name() + " -n "
                                        + facts.vm().namespace() + ", or remove its field required"))
                        .stream())
                .findFirst();
    }

    /** Why a disc of the spec must not be inserted; empty if it may be, or none is wanted. */
    Optional<Problem> refusal(Disc disc) {
        if (disc.imageRef() == null) {
            return Optional.empty();
        }
        return refusalOf(disc)
                .map(why -> new Problem(why.reason(), "disc " + disc.name() + " is not inserted: " + why.message()));
    }

    private Optional<Problem> refusalOf(Disc disc) {
        String name = disc.imageRef().name();
        Optional<GuestImageSpec> image = offered(disc).flatMap(ImageFacts::spec);
        if (image.isEmpty()) {
            return Optional.of(new Problem(
                    Reason.ImageNotFound, "spec.discs names GuestImage " + name + ", which does not exist: create it"));
        }
        if (image.get().formOrDefault() != GuestImageForm.Disc) {
            return Optional.of(new Problem(
                    Reason.WrongImageForm,
                    "GuestImage " + name + " has form " + image.get().formOrDefault()
                            + ", and a drive takes one of form Disc: name another one in imageRef"));
        }
        return StartChecks.notAllowed(image.get(), "GuestImage " + name, facts)
                .or(() -> refused(offered(disc).orElseThrow().verdict()))
                .or(() -> image.get().sha256() == null
                        ? Optional.of(new Problem(
                                Reason.DigestPending, "the digest of GuestImage " + name + " is not on record yet"))
                        : Optional.empty());
    }

    /** Why no OS disk is made from the VM's image, or why no guest is installed from it on an empty one. */
    Optional<Problem> asSourceOfOsDisk() {
        ImageFacts image = facts.offers().image();
        return image.spec()
                .map(GuestImageSpec::formOrDefault)
                .flatMap(form -> facts.vm().spec().osDisk().startsEmpty()
                        ? asInstallationDisc(image.name(), form)
                        : asOsDisk(image.name(), form));
    }

    private static Optional<Problem> asOsDisk(String image, GuestImageForm form) {
        return form == GuestImageForm.Disk
                ? Optional.empty()
                : Optional.of(new Problem(
                        Reason.WrongImageForm,
                        "GuestImage " + image + " has form " + form
                                + ", and an OS disk is made from one of form Disk: name another one in spec.imageRef. To"
                                + " install a guest from this disc, set spec.osDisk.source to Empty"));
    }

    /** A clone has the disk that was installed. */
    private Optional<Problem> asInstallationDisc(String image, GuestImageForm form) {
        if (form != GuestImageForm.Disc) {
            return Optional.of(new Problem(
                    Reason.WrongImageForm,
                    "GuestImage " + image + " has form " + form
                            + ", and a guest is installed on an empty OS disk from one of form Disc: name another one in"
                            + " spec.imageRef, or set spec.osDisk.source to Image to make the OS disk from this one"));
        }
        boolean isInADrive = facts.vm().restores().isClone()
                || wanted().stream()
                        .filter(disc -> disc.imageRef() != null)
                        .anyMatch(disc -> disc.imageRef().name().equals(image));
        return isInADrive
                ? Optional.empty()
                : Optional.of(new Problem(
                        Reason.NoInstallationDisc,
                        "spec.osDisk.source is Empty, and no drive in spec.discs has GuestImage " + image
                                + ", so there is nothing to boot: add it with kubectl tlvm disc insert "
                                + facts.vm().name() + " install --image " + image + " -n "
                                + facts.vm().namespace()));
    }

    private static Optional<Problem> refused(EligibilityVerdict verdict) {
        return switch (verdict) {
            case EligibilityVerdict.Allowed allowed -> Optional.empty();
            case EligibilityVerdict.Refused refused -> Optional.of(new Problem(refused.reason(), refused.message()));
        };
    }

    private Optional<Image> insertable(Disc disc) {
        if (disc.imageRef() == null || refusal(disc).isPresent()) {
            return Optional.empty();
        }
        ImageFacts image = offered(disc).orElseThrow();
        return image.uid()
                .map(uid ->
                        new Image(image.name(), uid, image.spec().orElseThrow().sha256()));
    }

    private Optional<ImageFacts> offered(Disc disc) {
        return Optional.ofNullable(facts.offers().discs().get(disc.imageRef().name()));
    }

    Optional<Disc> find(String name) {
        return wanted().stream().filter(disc -> disc.name().equals(name)).findFirst();
    }

    List<Disc> wanted() {
        return facts.vm().spec().discs();
    }
}
