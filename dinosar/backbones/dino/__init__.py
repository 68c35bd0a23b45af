"""DINOv2 and DINOv3, run by torch alone. Which network a file holds is told in `dinosar.weights`.

loading.py    its tensors, checked
layers.py     what its layers are called, for adapters
network.py    the network as a function: layers and attention from one pass
fusion.py     several layers become one
backbone.py   all this as a backbone
"""
