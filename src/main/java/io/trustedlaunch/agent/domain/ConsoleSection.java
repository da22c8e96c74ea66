package io.trustedlaunch.agent.domain;

import java.util.stream.Stream;

/** The serial console: a terminal for the host's administrator, and a log that every incarnation of the VM appends to. */
final class ConsoleSection implements Section {
    @Override
    public Stream<Xml> of(DomainSpec spec) {
        Xml serial = Xml.element("serial")
                .with("type", "pty")
                .containing(
                        Xml.element("log").with("file", spec.consoleLog()).with("append", "on"),
                        Xml.element("target").with("type", "isa-serial").with("port", 0));
        Xml console = Xml.element("console")
                .with("type", "pty")
                .containing(Xml.element("target").with("type", "serial").with("port", 0));
        return Stream.of(serial, console);
    }
}
