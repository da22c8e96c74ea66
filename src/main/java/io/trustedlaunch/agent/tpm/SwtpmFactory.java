package io.trustedlaunch.agent.tpm;

import io.trustedlaunch.files.DurableFiles;
import io.trustedlaunch.process.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/**
 * Makes a VM's TPM once, before libvirt would do it at the first start, so that a crash leaves no incomplete TPM. Also
 * restores a TPM from its state.
 */
public final class SwtpmFactory {
    private static final Path STATE = Path.of("tpm2", "tpm2-00.permall");

    /**
     * swtpm_setup starts swtpm with /dev/null as standard input. With the passphrase on descriptor 0, swtpm would encrypt
     * the state with an empty passphrase and report success. Java cannot open other descriptors for a child; the shell
     * can.
     */
    private static final String PASSPHRASE_ON_DESCRIPTOR_3 = "exec \"$@\" 3<&0 </dev/null";

    private final SwtpmTools tools;
    private final EkProbe probe;
    private final Duration timeout;

    public SwtpmFactory(SwtpmTools tools, EkProbe probe, Duration timeout) {
        this.tools = tools;
        this.probe = probe;
        this.timeout = timeout;
    }

    /**
     * Makes the TPM in {@code tpmFolder}, or probes the existing one and never changes it. Throws {@link TpmException} if
     * the existing one is damaged, or encrypted with another secret.
     *
     * @param tpmFolder libvirt's folder for the VM's TPM, named by the VM's UID; its parent also has the unfinished one
     */
    public EndorsementKey manufacture(UUID vm, Path tpmFolder, TpmSecret secret) {
        if (Files.exists(tpmFolder, LinkOption.NOFOLLOW_LINKS)) {
            return probe.probe(tpmFolder.resolve(STATE), secret);
        }
        Path staging = unfinished(tpmFolder);
        try (PrivateFolder unfinished = tools.privateFolder(staging)) {
            setUp(vm, staging.resolve("tpm2"), secret);
            // Proves that the state is encrypted with this secret before the TPM can be used.
            EndorsementKey key = probe.probe(staging.resolve(STATE), secret);
            putInPlace(unfinished, tpmFolder);
            return key;
        }
    }

    /**
     * Restores a TPM to {@code tpmFolder}. Throws {@link TpmException} if the folder exists.
     *
     * @param state encrypted, as written by swtpm
     */
    public void place(byte[] state, Path tpmFolder) {
        Path staging = unfinished(tpmFolder);
        try (PrivateFolder unfinished = tools.privateFolder(staging)) {
            tools.privateFolder(staging.resolve(STATE).getParent())
                    .write(STATE.getFileName().toString(), state);
            putInPlace(unfinished, tpmFolder);
        }
    }

    /** The folder in which a TPM is made; one that a crash left there was never used. */
    public static Path unfinished(Path tpmFolder) {
        return tpmFolder.resolveSibling(".making-" + tpmFolder.getFileName());
    }

    private void setUp(UUID vm, Path folder, TpmSecret secret) {
        tools.privateFolder(folder);
        byte[] passphrase = secret.bytes();
        Command.Result result = new Command(arguments(vm, folder), passphrase, timeout).run();
        Arrays.fill(passphrase, (byte) 0);
        if (result.timedOut()) {
            throw new TpmException(new TpmFailure.TimedOut(timeout));
        }
        if (!result.succeeded()) {
            throw new TpmException(new TpmFailure.ToolFailed("swtpm_setup failed: " + result.outputTail()));
        }
    }

    private List<String> arguments(UUID vm, Path folder) {
        return List.of(
                "/bin/sh",
                "-c",
                PASSPHRASE_ON_DESCRIPTOR_3,
                "sh",
                tools.setup(),
                "--runas",
                tools.user(),
                "--tpm2",
                "--tpmstate",
                folder.toString(),
                "--createek",
                "--create-ek-cert",
                "--create-platform-cert",
                "--lock-nvram",
                "--vmid",
                vm.toString(),
                "--pwdfile-fd",
                "3",
                "--cipher",
                "aes-256-cbc");
    }

    private static void putInPlace(PrivateFolder unfinished, Path tpmFolder) {
        try {
            unfinished.sync();
            Files.setPosixFilePermissions(unfinished.path(), PosixFilePermissions.fromString("rwx--x--x"));
            Files.move(unfinished.path(), tpmFolder, StandardCopyOption.ATOMIC_MOVE);
            DurableFiles.sync(tpmFolder.getParent());
        } catch (IOException e) {
            throw new TpmException(new TpmFailure.ToolFailed("cannot move the TPM to " + tpmFolder + ": " + e), e);
        }
    }
}
