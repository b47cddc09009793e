namespace Emulator.Devices;
