import SpillwayCLI

await CommandLineTool.main()
