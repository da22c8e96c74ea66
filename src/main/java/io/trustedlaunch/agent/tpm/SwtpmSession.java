package io.trustedlaunch.agent.tpm;

import io.trustedlaunch.process.Command;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** A swtpm that the agent starts on the state in a folder, with one connection to it. It ends when closed. */
final class SwtpmSession implements AutoCloseable {
    /** Short, since a socket's path is limited to 108 bytes. */
    private static final String SOCKET = "s";

    private static final String CONTROL = "c";
    private static final String MIGRATION_KEY = "k";

    private static final int LARGEST_RESPONSE = 4096;

    private final Process process;
    private final SwtpmSocket socket;

    private SwtpmSession(Process process, SwtpmSocket socket) {
        this.process = process;
        this.socket = socket;
    }

    /** A TPM that starts with the state in the folder. */
    static SwtpmSession start(SwtpmTools tools, PrivateFolder folder, TpmSecret secret, Deadline deadline) {
        return run(
                arguments(tools, folder, List.of("--flags", "not-need-init,startup-clear")),
                secret,
                process -> connect(process, folder, deadline));
    }

    /** A TPM that goes on from that state, as the target of a migration does. */
    static SwtpmSession resume(
            SwtpmTools tools, PrivateFolder folder, VtpmBlobs blobs, TpmSecret secret, Deadline deadline) {
        byte[] passphrase = secret.bytes();
        // A pipe, so that the key is in no file; its other end is open for as long as swtpm may read it.
        try (FileChannel key = folder.pipe(MIGRATION_KEY)) {
            key.write(ByteBuffer.wrap(passphrase));
            List<String> migration = List.of(
                    "--ctrl",
                    "type=unixio,path=" + folder.path().resolve(CONTROL),
                    "--migration-key",
                    "pwdfile=" + folder.path().resolve(MIGRATION_KEY) + ",mode=aes-256-cbc");
            return run(arguments(tools, folder, migration), secret, process -> {
                try (SwtpmSocket control =
                        SwtpmSocket.connect(process, folder.path().resolve(CONTROL), deadline)) {
                    new SwtpmControl(control).resume(blobs);
                    return connect(process, folder, deadline);
                }
            });
        } catch (IOException e) {
            throw new TpmException(new TpmFailure.ToolFailed("cannot give swtpm its key: " + e), e);
        } finally {
            Arrays.fill(passphrase, (byte) 0);
        }
    }

    private interface Connecting {
        SwtpmSession to(Process process) throws IOException;
    }

    private static SwtpmSession run(List<String> arguments, TpmSecret secret, Connecting connecting) {
        Process process;
        try {
            process = Command.start(arguments);
        } catch (IOException e) {
            throw new TpmException(new TpmFailure.ToolFailed("cannot run swtpm: " + e.getMessage()), e);
        }
        try {
            writeSecret(secret, process.getOutputStream());
            return connecting.to(process);
        } catch (IOException e) {
            kill(process);
            throw new TpmException(new TpmFailure.ToolFailed("cannot connect to swtpm: " + e), e);
        } catch (TpmException e) {
            kill(process);
            throw e;
        }
    }

    private static SwtpmSession connect(Process process, PrivateFolder folder, Deadline deadline) throws IOException {
        return new SwtpmSession(
                process, SwtpmSocket.connect(process, folder.path().resolve(SOCKET), deadline));
    }

    private static List<String> arguments(SwtpmTools tools, PrivateFolder folder, List<String> more) {
        Path path = folder.path();
        return Stream.concat(
                        Stream.of(
                                tools.swtpm(),
                                "socket",
                                "--tpm2",
                                "--runas",
                                tools.user(),
                                "--tpmstate",
                                "dir=" + path + ",mode=0600",
                                "--key",
                                "pwdfd=0,mode=aes-256-cbc",
                                "--server",
                                "type=unixio,path=" + path.resolve(SOCKET),
                                "--terminate"),
                        more.stream())
                .toList();
    }

    private static void writeSecret(TpmSecret secret, OutputStream input) {
        try (input) {
            input.write(secret.bytes());
        } catch (IOException e) {
            // swtpm ended before it read the key; the connection's failure says why.
        }
    }

    TpmResponse exchange(TpmCommand command) {
        socket.send(command.marshal());
        return TpmResponse.unmarshal(receive());
    }

    /** Like {@link #exchange}, but throws unless the command succeeds. */
    TpmResponse execute(String name, TpmCommand command) {
        TpmResponse response = exchange(command);
        if (!response.succeeded()) {
            throw new TpmException(new TpmFailure.CommandRefused(name, response.code()));
        }
        return response;
    }

    private byte[] receive() {
        ByteBuffer buffer = ByteBuffer.allocate(LARGEST_RESPONSE).limit(TpmResponse.HEADER);
        socket.receive(buffer);
        int size = buffer.getInt(2);
        if (size > LARGEST_RESPONSE || size < TpmResponse.HEADER) {
            throw new TpmException(
                    new TpmFailure.ProtocolBroken("the TPM sent an invalid response of " + size + " bytes"));
        }
        socket.receive(buffer.limit(size));
        byte[] response = new byte[size];
        buffer.flip().get(response);
        return response;
    }

    @Override
    public void close() {
        try (socket) {
            kill(process);
        }
    }

    private static void kill(Process process) {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
