package io.trustedlaunch.bench;

import io.trustedlaunch.bench.Figure.Pair;
import io.trustedlaunch.files.FileTree;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An import of an image, beside the tools that do the same without the care. */
final class Import implements Row {
    private static final String CLASS = "io.trustedlaunch.agent.imagecopy.ImportBenchmark";
    private static final int ROUNDS = 5;
    private static final Pattern LINE =
            Pattern.compile("(image\\.\\w+): import (\\d+) ms; tools (\\d+) ms, with a sync (\\d+) ms");

    @Override
    public String name() {
        return "import";
    }

    @Override
    public String summary() {
        return "an import of 1 GiB, durable, beside openssl dgst and qemu-img convert with a sync";
    }

    @Override
    public Place place() {
        return Place.MACHINE;
    }

    @Override
    public List<Figure> measure(Run run) throws Exception {
        Path folder = Files.createTempDirectory(Path.of("/var/tmp"), "bench-import");
        Map<String, List<Pair>> pairs = new TreeMap<>();
        try {
            Lanes lanes = run.lanes();
            lanes.script("bench-images", folder.toString());
            for (String printed : lanes.test(
                    CLASS, Map.of("bench.folder", folder.toString(), "bench.rounds", Integer.toString(ROUNDS)))) {
                Matcher line = LINE.matcher(printed.strip());
                if (line.matches()) {
                    pairs.computeIfAbsent(line.group(1), image -> new ArrayList<>())
                            .add(new Pair(Double.parseDouble(line.group(2)), Double.parseDouble(line.group(4))));
                }
            }
        } finally {
            FileTree.of(folder).delete();
        }
        List<Figure> figures = new ArrayList<>();
        pairs.forEach((image, all) -> {
            figures.add(Figure.of(image, "ms", all.stream().map(Pair::ours).toList()));
            figures.add(Figure.ratio(image + " ÷ the tools", all));
        });
        return figures;
    }
}
