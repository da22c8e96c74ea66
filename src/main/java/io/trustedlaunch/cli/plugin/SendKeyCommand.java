package io.trustedlaunch.cli.plugin;

import io.trustedlaunch.api.vm.ConsoleKind;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.console.RequestedConsole;
import io.trustedlaunch.cli.plugin.console.ScreenSession;
import io.trustedlaunch.cli.plugin.screen.KeyCombination;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** Presses keys by a session of its own, which shares the screen with a viewer of the same user. */
@Command(
        name = "send-key",
        description = {
            "Press keys at the keyboard of a VM that has a screen, and runs: kubectl tlvm send-key VM ctrl-alt-del",
            "An open session of another user at its screen ends."
        })
final class SendKeyCommand extends VmConsoleCommand {
    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "KEYS",
            converter = Keys.class,
            description =
                    "Keys that are pressed together, joined by -, such as ctrl-alt-del or f8. Further ones are pressed after"
                            + " them.")
    private List<KeyCombination> keys;

    static final class Keys implements ITypeConverter<KeyCombination> {
        @Override
        public KeyCombination convert(String text) {
            try {
                return KeyCombination.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    SendKeyCommand() {
        super(ConsoleKind.Screen);
    }

    @Override
    int run(RequestedConsole console) throws InterruptedException {
        try (ScreenSession session = new ScreenSession(console, err(), () -> {})) {
            session.use(screen -> {
                for (KeyCombination combination : keys) {
                    screen.press(combination.keysyms());
                }
            });
            return ExitCode.OK;
        } catch (IOException e) {
            throw new CommandException("cannot send keys to VM " + vm() + ": " + e.getMessage());
        }
    }
}
