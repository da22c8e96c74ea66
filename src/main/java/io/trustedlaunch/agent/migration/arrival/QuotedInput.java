package io.trustedlaunch.agent.migration.arrival;

/** Quotes in messages the input that another host sent. */
final class QuotedInput {
    private static final int LONGEST = 120;

    private QuotedInput() {}

    static String value(String sent) {
        return '"' + text(sent) + '"';
    }

    static String text(String sent) {
        String printable = sent.codePoints()
                .limit(LONGEST + 1L)
                .map(c -> Character.isISOControl(c) || !Character.isDefined(c) ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        return printable.length() > LONGEST ? printable.substring(0, LONGEST) + "…" : printable;
    }
}
