package io.trustedlaunch.cli.plugin;

import io.trustedlaunch.api.vm.ConsoleKind;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.console.RequestedConsole;
import io.trustedlaunch.cli.plugin.console.ScreenSession;
import io.trustedlaunch.cli.plugin.screen.Picture;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

/** Takes a picture by a session of its own, which shares the screen with a viewer of the same user. */
@Command(
        name = "screenshot",
        description = "Write a picture (PNG) of the screen of a VM that runs. An open session of another user ends.")
final class ScreenshotCommand extends VmConsoleCommand {
    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            required = true,
            description = "The file to write. It is replaced if it exists.")
    private Path file;

    ScreenshotCommand() {
        super(ConsoleKind.Screen);
    }

    @Override
    int run(RequestedConsole console) throws InterruptedException {
        AtomicReference<Picture> taken = new AtomicReference<>();
        try (ScreenSession session = new ScreenSession(console, err(), () -> {})) {
            session.use(screen -> taken.set(screen.picture()));
        } catch (IOException e) {
            throw new CommandException("there is no picture of the screen of VM " + vm() + ": " + e.getMessage());
        }
        write(taken.get());
        return ExitCode.OK;
    }

    private void write(Picture picture) {
        try {
            ByteArrayOutputStream png = new ByteArrayOutputStream();
            picture.writePng(png);
            Files.write(file, png.toByteArray());
        } catch (IOException e) {
            throw new CommandException("cannot write " + file + ": " + e);
        }
        err().line(file + ": " + picture.width() + " × " + picture.height() + " pixels");
    }
}
