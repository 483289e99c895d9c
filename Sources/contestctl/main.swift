import ArgumentParser

ContestControl.main()
