package io.trustedlaunch.agent.disks;

import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.imageform.ImageForm.Accepted;
import io.trustedlaunch.catalog.ImageFormat;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** A process that waits for a conversion of a FIFO, which never ends. */
final class HangingConversion {
    private HangingConversion() {}

    /** As in production where that is possible. */
    private static HypervisorAccount account(Path image) {
        HypervisorAccount own = Accounts.ownerOf(image);
        HypervisorAccount hypervisor = HypervisorAccount.named(Optional.empty(), Optional.empty());
        return own.user().getName().equals("root") && hypervisor.problem().isEmpty() ? hypervisor : own;
    }

    public static void main(String... arguments) {
        Path image = Path.of(arguments[0]);
        new QemuImg(Duration.ofMinutes(5), Duration.ofMinutes(5), account(image))
                .convert(image, new Accepted(ImageFormat.raw, 1 << 20), image.resolveSibling("copy"));
    }
}
