package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.DiscDrive;
import io.trustedlaunch.api.vm.Disc;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whether the drives of a guest have the discs that its VM's spec names. */
public record InsertedDiscs(VmFacts facts) {
    /** The verdict for the condition; empty: the VM has no drives. */
    public Optional<Problem> verdict() {
        Discs discs = new Discs(facts);
        return discs.wanted().isEmpty()
                ? Optional.empty()
                : Optional.of(facts.guestThatGoesOn()
                        .map(guest -> verdict(discs, guest))
                        .orElseGet(() -> ofStart(discs)));
    }

    private static Problem ofStart(Discs discs) {
        return discs.wanted().stream()
                .flatMap(disc -> discs.refusal(disc).stream())
                .findFirst()
                .orElseGet(() -> new Problem(
                        Reason.NotRunning,
                        "the guest is not running, or is being stopped: its next start inserts the discs"));
    }

    private Problem verdict(Discs discs, Incarnation guest) {
        List<DiscDrive> drives = guest.machine().discs();
        return Stream.concat(
                        discs.wanted().stream().flatMap(disc -> hindrance(discs, disc, drives).stream()),
                        guest.discsProblem().stream())
                .findFirst()
                .or(() -> changing(discs, drives, guest))
                .orElseGet(() -> new Problem(
                        Reason.DiscsInserted,
                        drives.stream().map(InsertedDiscs::describe).collect(Collectors.joining("; "))));
    }

    private Optional<Problem> hindrance(Discs discs, Disc disc, List<DiscDrive> drives) {
        Optional<DiscDrive> drive =
                drives.stream().filter(one -> one.name().equals(disc.name())).findFirst();
        if (drive.isEmpty()) {
            return Optional.of(new Problem(
                    Reason.SpecChanged,
                    "the guest has no drive " + disc.name()
                            + " yet: to add it, restart the guest with kubectl tlvm restart "
                            + facts.vm().name() + " -n " + facts.vm().namespace()));
        }
        return drive.filter(one -> one.disc().isEmpty()).flatMap(one -> discs.refusal(disc));
    }

    private Optional<Problem> changing(Discs discs, List<DiscDrive> drives, Incarnation guest) {
        return discs.whileRunning(drives).equals(drives) && !guest.lacksDevices()
                ? Optional.empty()
                : Optional.of(new Problem(
                        Reason.ChangingDevices,
                        "the guest is being given the discs of the spec"
                                + facts.vm()
                                        .openMigration()
                                        .map(open -> ". That waits for the end of VMMigration " + open.name())
                                        .orElse("")));
    }

    private static String describe(DiscDrive drive) {
        return drive.name() + ": "
                + drive.disc().map(image -> "GuestImage " + image.name()).orElse("empty");
    }
}
