package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.domain.DomainSpecBuilder;
import io.trustedlaunch.agent.domain.Drive;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.imagecopy.DiscCopies;
import io.trustedlaunch.agent.imagecopy.Images.Result;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.api.Messages;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.DiscDrive;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Puts the discs of an incarnation into the drives of its guest, at its start and while it runs. A disc that is not there, or not what
 * it was, leaves its drive as it is.
 */
final class DiscChanger {
    private final Hypervisor hypervisor;
    private final DiscCopies copies;

    DiscChanger(Hypervisor hypervisor, DiscCopies copies) {
        this.hypervisor = hypervisor;
        this.copies = copies;
    }

    /** What a start waits for: a disc that it requires, and at the first one that which the guest is installed from. */
    Optional<Result.Awaited> awaited(VMIncarnationSpec spec) {
        Machine machine = spec.machineNow();
        return Stream.concat(
                        machine.discs().stream().filter(DiscDrive::isRequired),
                        spec.firstStart() ? machine.installationDrives() : Stream.empty())
                .distinct()
                .map(drive -> copies.show(machine, drive.disc().orElseThrow()))
                .flatMap(result -> result instanceof Result.Awaited awaited
                        ? Optional.of(awaited).stream()
                        : Optional.<Result.Awaited>empty().stream())
                .findFirst();
    }

    /** A guest that arrives has its discs in its drives. */
    void require(Machine machine) {
        for (DiscDrive drive : machine.discs()) {
            drive.disc()
                    .map(disc -> copies.show(machine, disc))
                    .filter(Result.Awaited.class::isInstance)
                    .map(result -> ((Result.Awaited) result).problem())
                    .ifPresent(problem -> {
                        throw new RefusedException(
                                problem.map(Problem::reason).orElse(Reason.ImageCopyPending),
                                "the disc in drive " + drive.name() + " is not on this node"
                                        + problem.map(why -> " (" + why.message() + ")")
                                                .orElse("")
                                        + ": eject it with kubectl tlvm disc eject, and migrate the VM then");
                    });
        }
    }

    /** Without the discs that are not there: the guest gets them once they are. */
    DomainSpec atStart(Machine machine, DomainSpec spec) {
        Set<String> absent = new HashSet<>();
        for (DiscDrive drive : machine.discs()) {
            drive.disc()
                    .map(disc -> copies.show(machine, disc))
                    .filter(Result.Awaited.class::isInstance)
                    .ifPresent(awaited -> absent.add(drive.name()));
        }
        return absent.isEmpty()
                ? spec
                : DomainSpecBuilder.builder(spec)
                        .drives(spec.drives().stream()
                                .map(drive -> absent.contains(drive.name()) ? drive.ejected() : drive)
                                .toList())
                        .build();
    }

    /**
     * Changes and ejects discs until each drive has what the incarnation says.
     *
     * @param spec of the guest's domain; asked only if there is something to do
     * @return the first that could not be changed
     */
    Optional<Problem> change(IncarnationFacts facts, Supplier<DomainSpec> spec) {
        Machine machine = facts.spec().machineNow();
        if (machine.discs().isEmpty()) {
            return Optional.empty();
        }
        List<Problem> problems = new ArrayList<>();
        try {
            Map<String, Path> there = hypervisor.devices().of(facts.vm()).discs();
            for (DiscDrive wanted : machine.discs()) {
                Drive drive = new Drive(wanted.name(), wanted.disc().map(disc -> DiscCopies.file(machine, disc)));
                if (!drive.disc().equals(Optional.ofNullable(there.get(drive.serial())))) {
                    change(machine, wanted, spec).ifPresent(problems::add);
                }
            }
        } catch (HypervisorException e) {
            problems.add(new Problem(
                    Reason.DiscChangeFailed,
                    "the drives of the guest are not known: " + Messages.bounded(e.getMessage())));
        }
        return problems.stream().findFirst();
    }

    private Optional<Problem> change(Machine machine, DiscDrive wanted, Supplier<DomainSpec> spec) {
        Optional<Result> shown = wanted.disc().map(disc -> copies.show(machine, disc));
        if (shown.isPresent() && shown.get() instanceof Result.Awaited awaited) {
            return Optional.of(new Problem(
                    awaited.problem().map(Problem::reason).orElse(Reason.ImageImporting),
                    "disc " + wanted.name() + " is not inserted yet: "
                            + awaited.problem()
                                    .map(Problem::message)
                                    .orElse("its image is being imported into the VM's storage location")));
        }
        try {
            hypervisor.devices().changeDisc(spec.get(), wanted.name());
            return Optional.empty();
        } catch (HypervisorException e) {
            return Optional.of(new Problem(
                    Reason.DiscChangeFailed,
                    "the disc in drive " + wanted.name() + " is not changed: " + Messages.bounded(e.getMessage())
                            + ". If the guest has mounted it, unmount it there; the agent tries again"));
        }
    }
}
