# make help lists the targets.

CONFIGURATION := Release
DOTNET := dotnet
OUTPUT := Emulator.Host/bin/$(CONFIGURATION)/net10.0
BUILD := $(DOTNET) build -c $(CONFIGURATION) -v quiet --nologo -consoleLoggerParameters:NoSummary

export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1
export DOTNET_SKIP_FIRST_TIME_EXPERIENCE := 1

# What the launcher is made of, and what everything is made of.
SETTINGS := Directory.Build.props Directory.Packages.props global.json .editorconfig
LAUNCHER_SOURCES := $(SETTINGS) $(shell find Emulator.* \( -name obj -o -name bin \) -prune -o \( -name '*.cs' -o -name '*.csproj' \) -print)
SOURCES := $(LAUNCHER_SOURCES) Emulator.sln $(shell find tests \( -name obj -o -name bin \) -prune -o \( -name '*.cs' -o -name '*.csproj' -o -name '*.props' \) -print)

BOARD := -nodefaults -display none -no-reboot -device isa-debug-exit,iobase=0xf4,iosize=4
DEVICES := -device e1000,netdev=a -device i82559c,netdev=b -device rtl8139,netdev=c \
  -netdev hubport,id=a,hubid=0 -netdev hubport,id=b,hubid=0 -netdev hubport,id=c,hubid=0 \
  -drive driver=ram,size=16M,if=none,id=d -device lsi53c895a -device scsi-hd,drive=d -drive driver=ram,size=16M,if=none,id=e -device virtio-blk-pci,drive=e

.DEFAULT_GOAL := all
.PHONY: all launcher guests run test test-qemu teeth fuzz bench microbench lint clean help check-dotnet check-tools

all: check-tools bin/.everything guests ## builds everything, guests too; the launcher is bin/emulator

launcher: bin/.launcher ## builds bin/emulator alone

guests: ## builds the guest images into guest-images/build
	@$(MAKE) --no-print-directory -C guest-images

run: bin/.launcher guests ## shows the five devices at work at once, then a prompt; Ctrl-A x quits, Ctrl-A h helps
	@bin/emulator -kernel guest-images/build/five-devices.elf -smp 2 -serial stdio $(BOARD) $(DEVICES) || status=$$?; \
	  echo; echo "exit status $${status:-0}"

test: all ## runs every test and every guest; the last line counts them (FILTER=… as dotnet test --filter)
	@tests/run $(CONFIGURATION) $(FILTER)

test-qemu: bin/.launcher guests ## runs every guest here and under QEMU, and compares
	@bin/emulator test --target qemu

teeth: bin/.launcher guests ## breaks every ordering site on purpose, many seeds; writes docs/ordering-teeth.md (FILTER=…, SEEDS=20)
	@bin/emulator teeth $(FILTER) --jobs $(or $(JOBS),$(shell nproc)) --seeds $(or $(SEEDS),20) $(if $(FILTER),,--markdown docs/ordering-teeth.md)

fuzz: bin/.everything ## fuzzes devices (DEVICE="e1000 …", SECONDS=60 each; ARGS="--seed N --inputs N" or "--replay FILE")
	@$(DOTNET) tests/Emulator.Fuzz/bin/$(CONFIGURATION)/net10.0/Emulator.Fuzz.dll $(DEVICE) $(if $(SECONDS),--seconds $(SECONDS)) $(ARGS)

bench: all ## times the vCPU beside QEMU's TCG (ROUNDS=5), then DMA, the network and the disk controllers under each ordering
	@$(DOTNET) tests/Emulator.Benchmarks/bin/$(CONFIGURATION)/net10.0/Emulator.Benchmarks.dll peers --rounds $(or $(ROUNDS),5)
	@$(DOTNET) tests/Emulator.Benchmarks/bin/$(CONFIGURATION)/net10.0/Emulator.Benchmarks.dll ordering
	@$(DOTNET) tests/Emulator.Benchmarks/bin/$(CONFIGURATION)/net10.0/Emulator.Benchmarks.dll frames --rounds $(or $(ROUNDS),5)
	@$(DOTNET) tests/Emulator.Benchmarks/bin/$(CONFIGURATION)/net10.0/Emulator.Benchmarks.dll requests --rounds $(or $(ROUNDS),5)

microbench: bin/.everything ## runs the micro-benchmarks (FILTER=*)
	@$(DOTNET) tests/Emulator.Benchmarks/bin/$(CONFIGURATION)/net10.0/Emulator.Benchmarks.dll micro --filter '$(or $(FILTER),*)'

lint: check-dotnet ## style and analyzers, warnings as errors
	@$(BUILD) -warnaserror Emulator.sln
	@$(DOTNET) format Emulator.sln --no-restore --verify-no-changes
	@if command -v shellcheck >/dev/null; then shellcheck .ci/run tests/run; else echo "lint: no shellcheck, so the two shell scripts are not checked; on Debian: apt-get install shellcheck"; fi
	@echo "lint: clean"

clean: ## removes what was built
	@rm -rf bin artifacts TestResults BenchmarkDotNet.Artifacts Emulator.*/bin Emulator.*/obj tests/*/bin tests/*/obj
	@$(MAKE) --no-print-directory -C guest-images clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

# The launcher is a link to the program itself: nothing starts faster, and it finds guest-images above it.
bin/.launcher: $(LAUNCHER_SOURCES) | check-dotnet
	@$(BUILD) Emulator.Host
	@mkdir -p bin
	@ln -sfn ../$(OUTPUT)/emulator bin/emulator
	@touch $@

bin/.everything: $(SOURCES) | check-dotnet
	@$(BUILD) Emulator.sln
	@mkdir -p bin
	@ln -sfn ../$(OUTPUT)/emulator bin/emulator
	@touch bin/.launcher $@

# One line that says what to install beats a page of errors; guest-images/Makefile looks for gcc and ld itself.
check-dotnet:
	@command -v $(DOTNET) >/dev/null || { echo "make: no dotnet; install the package dotnet-sdk-10.0 (in Microsoft's repository for Debian)" >&2; exit 1; }
	@$(DOTNET) --version >/dev/null 2>&1 || { echo "make: dotnet is not version 10; install the package dotnet-sdk-10.0 (in Microsoft's repository for Debian)" >&2; exit 1; }

check-tools: check-dotnet
	@$(MAKE) --no-print-directory -C guest-images check-tools
