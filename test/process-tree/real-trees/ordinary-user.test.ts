import { sample } from './all-trees.ts'
import { asNobody, asNobodyPid1 } from './surroundings.ts'
import { testTrees } from './test-trees.ts'

const trees = sample(2).filter((tree) => !tree.root)
testTrees(trees, asNobody, 2)
testTrees(trees, asNobodyPid1, 2)
